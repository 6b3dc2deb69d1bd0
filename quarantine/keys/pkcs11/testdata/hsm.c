// A PKCS#11 module that stands before another one and behaves as AWS CloudHSM
// does where SoftHSM does not: it takes no IV for AES-GCM but one of zeros, makes its
// own, and writes it back when it has encrypted; and it has no read-only
// sessions. It can also be away, and it counts.
//
// MODULE is the path of the other one. CONTROL is a file of words: "away", every
// call fails; "gone", the token is pulled while it decrypts; "no-iv", zeros are
// used as they are; "wrong-iv", what is written back is not what was used. LOG is
// a file that gets a line for each login and each change of the number of open
// sessions.
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkcs11go.h"

static CK_FUNCTION_LIST ours, *theirs;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;

// What is being encrypted, by session.
static struct {
	CK_SESSION_HANDLE session;
	CK_BYTE_PTR user; // the caller's IV
	CK_BYTE iv[12];
} running[64];

static int sessions;

static int told(const char *word) {
	char text[256] = "";
	FILE *f = fopen(getenv("CONTROL"), "r");
	if (f) {
		text[fread(text, 1, sizeof text - 1, f)] = 0;
		fclose(f);
	}
	return strstr(text, word) != NULL;
}

static void note(const char *format, ...) {
	FILE *f = fopen(getenv("LOG"), "a");
	va_list args;
	if (!f) abort();
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	fclose(f);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session) {
	CK_RV rv;
	if (told("away")) return CKR_TOKEN_NOT_PRESENT;
	if (!(flags & CKF_RW_SESSION)) return CKR_ARGUMENTS_BAD;
	rv = theirs->C_OpenSession(slot, flags, app, notify, session);
	if (rv == CKR_OK) {
		pthread_mutex_lock(&mu);
		note("sessions %d\n", ++sessions);
		pthread_mutex_unlock(&mu);
	}
	return rv;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
	CK_RV rv = theirs->C_CloseSession(session);
	if (rv == CKR_OK) {
		pthread_mutex_lock(&mu);
		note("sessions %d\n", --sessions);
		pthread_mutex_unlock(&mu);
	}
	return rv;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG len) {
	if (told("away")) return CKR_DEVICE_REMOVED;
	note("login\n");
	return theirs->C_Login(session, user, pin, len);
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
	if (told("away")) {
		*count = 0;
		return CKR_OK;
	}
	return theirs->C_GetSlotList(present, list, count);
}

static CK_RV generate_random(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG len) {
	return told("away") ? CKR_DEVICE_REMOVED : theirs->C_GenerateRandom(session, data, len);
}

static CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
	return told("away") ? CKR_DEVICE_REMOVED : theirs->C_DecryptInit(session, mechanism, key);
}

static CK_RV decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG len, CK_BYTE_PTR out, CK_ULONG_PTR outlen) {
	return told("gone") ? CKR_DEVICE_REMOVED : theirs->C_Decrypt(session, data, len, out, outlen);
}

static CK_RV encrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
	static const CK_BYTE zeros[12];
	CK_GCM_PARAMS *params = mechanism->pParameter, inner;
	CK_MECHANISM m = *mechanism;
	CK_RV rv;
	int i;
	if (told("away")) return CKR_DEVICE_REMOVED;
	if (mechanism->mechanism != CKM_AES_GCM) return CKR_MECHANISM_INVALID;
	if (params->ulIvLen != 12 || memcmp(params->pIv, zeros, 12) != 0) return CKR_MECHANISM_PARAM_INVALID;
	if (told("no-iv")) return theirs->C_EncryptInit(session, mechanism, key);
	pthread_mutex_lock(&mu);
	for (i = 0; i < 64; i++) // one that never came to its end
		if (running[i].session == session) running[i].user = NULL;
	for (i = 0; running[i].user; i++)
		if (i == 63) abort();
	running[i].session = session;
	running[i].user = params->pIv;
	rv = theirs->C_GenerateRandom(session, running[i].iv, 12);
	inner = *params;
	inner.pIv = running[i].iv;
	m.pParameter = &inner;
	if (rv == CKR_OK) rv = theirs->C_EncryptInit(session, &m, key);
	pthread_mutex_unlock(&mu);
	return rv;
}

static CK_RV encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG len, CK_BYTE_PTR out, CK_ULONG_PTR outlen) {
	CK_RV rv;
	int i;
	if (len > 16384) return CKR_DATA_LEN_RANGE;
	rv = theirs->C_Encrypt(session, data, len, out, outlen);
	if (rv != CKR_OK || !out) return rv;
	pthread_mutex_lock(&mu);
	for (i = 0; i < 64; i++)
		if (running[i].user && running[i].session == session) {
			memcpy(running[i].user, running[i].iv, 12);
			if (told("wrong-iv")) running[i].user[11] ^= 1;
			running[i].user = NULL;
		}
	pthread_mutex_unlock(&mu);
	return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
	void *module = dlopen(getenv("MODULE"), RTLD_NOW);
	CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR) = module ? dlsym(module, "C_GetFunctionList") : NULL;
	if (!get || get(&theirs) != CKR_OK) return CKR_GENERAL_ERROR;
	ours = *theirs;
	ours.C_GetFunctionList = C_GetFunctionList;
	ours.C_OpenSession = open_session;
	ours.C_CloseSession = close_session;
	ours.C_Login = login;
	ours.C_GetSlotList = get_slot_list;
	ours.C_GenerateRandom = generate_random;
	ours.C_EncryptInit = encrypt_init;
	ours.C_Encrypt = encrypt;
	ours.C_DecryptInit = decrypt_init;
	ours.C_Decrypt = decrypt;
	*list = &ours;
	return CKR_OK;
}
