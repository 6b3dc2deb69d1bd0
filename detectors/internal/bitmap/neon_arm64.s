//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// 1<<h at the places h and 8+h.
DATA powers<>+0(SB)/8, $0x8040201008040201
DATA powers<>+8(SB)/8, $0x8040201008040201
GLOBL powers<>(SB), RODATA|NOPTR, $16

// GATHER makes one word of the bytes of V12 to V15, which have all bits or
// none: of eight bytes each keeps its own bit, and sums of pairs bring them
// together.
#define GATHER(OUT) \
	VAND  V16.B16, V12.B16, V12.B16; \
	VAND  V16.B16, V13.B16, V13.B16; \
	VAND  V16.B16, V14.B16, V14.B16; \
	VAND  V16.B16, V15.B16, V15.B16; \
	VADDP V13.B16, V12.B16, V12.B16; \
	VADDP V15.B16, V14.B16, V14.B16; \
	VADDP V14.B16, V12.B16, V12.B16; \
	VADDP V12.B16, V12.B16, V12.B16; \
	VMOV  V12.D[0], OUT

// CLASS writes the word of class c, whose rows are in ROWS. A row has, for a
// low nibble, one bit for each high nibble up to 7. V4 to V7 have the low
// nibbles of a block, or 0x80 and more, for which there is no row; V20 to V23
// the bits of its high nibbles; R7 the bytes from 0x80 on.
#define CLASS(c, ROWS) \
	VTBL   V4.B16, [ROWS.B16], V12.B16; \
	VTBL   V5.B16, [ROWS.B16], V13.B16; \
	VTBL   V6.B16, [ROWS.B16], V14.B16; \
	VTBL   V7.B16, [ROWS.B16], V15.B16; \
	VCMTST V20.B16, V12.B16, V12.B16; \
	VCMTST V21.B16, V13.B16, V13.B16; \
	VCMTST V22.B16, V14.B16, V14.B16; \
	VCMTST V23.B16, V15.B16, V15.B16; \
	GATHER(R8); \
	MOVD   (group_highs+8*c)(R4), R9; \
	AND    R7, R9, R9; \
	ORR    R9, R8, R8; \
	MOVD   R8, (R6); \
	CMP    $(c+1), R5; \
	BEQ    next; \
	ADD    R1, R6

// func classifyNEON(dst []uint64, stride int, text []byte, group *group)
TEXT ·classifyNEON(SB), NOSPLIT, $0-64
	MOVD  dst_base+0(FP), R0
	MOVD  stride+24(FP), R1
	MOVD  text_base+32(FP), R2
	MOVD  text_len+40(FP), R3
	MOVD  group+56(FP), R4
	MOVD  group_n(R4), R5
	LSL   $3, R1
	MOVD  $powers<>(SB), R6
	VLD1  (R6), [V16.B16]
	VMOVI $0x8f, V17.B16
	VMOVI $0x80, V18.B16
	ADD   $group_rows, R4, R6
	VLD1.P 64(R6), [V24.B16, V25.B16, V26.B16, V27.B16]
	VLD1  (R6), [V28.B16, V29.B16, V30.B16, V31.B16]

block:
	PRFM   8192(R2), PLDL1KEEP
	VLD1.P 64(R2), [V0.B16, V1.B16, V2.B16, V3.B16]
	VCMTST V18.B16, V0.B16, V12.B16
	VCMTST V18.B16, V1.B16, V13.B16
	VCMTST V18.B16, V2.B16, V14.B16
	VCMTST V18.B16, V3.B16, V15.B16
	GATHER(R7)
	VAND   V17.B16, V0.B16, V4.B16
	VAND   V17.B16, V1.B16, V5.B16
	VAND   V17.B16, V2.B16, V6.B16
	VAND   V17.B16, V3.B16, V7.B16
	VUSHR  $4, V0.B16, V20.B16
	VUSHR  $4, V1.B16, V21.B16
	VUSHR  $4, V2.B16, V22.B16
	VUSHR  $4, V3.B16, V23.B16
	VTBL   V20.B16, [V16.B16], V20.B16
	VTBL   V21.B16, [V16.B16], V21.B16
	VTBL   V22.B16, [V16.B16], V22.B16
	VTBL   V23.B16, [V16.B16], V23.B16

	MOVD R0, R6
	CLASS(0, V24)
	CLASS(1, V25)
	CLASS(2, V26)
	CLASS(3, V27)
	CLASS(4, V28)
	CLASS(5, V29)
	CLASS(6, V30)
	CLASS(7, V31)

next:
	ADD  $8, R0
	SUBS $64, R3
	BNE  block
	RET
