/*
 * scan measures Vectorscan, or Hyperscan, whose C interface is the same:
 *
 *	cc -O2 -o scan scan.c -lhs
 *	./scan patterns.txt
 *
 * It compiles all patterns into one database and prints a line of JSON that
 * says which library this is and for which processor it compiled. Then it
 * reads requests, one a line, "BYTES PATH": to search the first BYTES bytes of
 * a file. The answer is a line of JSON with the seconds spent in hs_scan and
 * the number of matches, in all and by pattern. The file is read to memory
 * first, and kept for as long as requests name the same.
 *
 * The text is given to hs_scan in blocks of 1 MiB. Flags are 0: a match is
 * reported at each offset where one ends, without its start, which is the
 * cheapest that the library has; every report calls count, which adds one.
 */
#include <errno.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 1 << 20, MAX_PATTERNS = 1024 };

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "scan: %s: %s\n", what, why);
	exit(1);
}

/* read_patterns reads lines of a name, a tab and an expression; others are comments. */
static unsigned read_patterns(const char *path, char *exprs[], unsigned ids[])
{
	FILE *f = fopen(path, "r");
	if (!f)
		fail(path, strerror(errno));
	unsigned n = 0;
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, f) > 0) {
		char *tab = strchr(line, '\t');
		if (!tab)
			continue;
		if (n == MAX_PATTERNS)
			fail(path, "too many patterns");
		tab[strcspn(tab, "\n")] = '\0';
		exprs[n] = strdup(tab + 1);
		ids[n] = n;
		n++;
	}
	free(line);
	fclose(f);
	return n;
}

static hs_database_t *compile(const char *path, unsigned *n)
{
	static char *exprs[MAX_PATTERNS];
	static unsigned ids[MAX_PATTERNS], flags[MAX_PATTERNS];
	hs_platform_info_t platform;
	hs_database_t *db;
	hs_compile_error_t *err;

	*n = read_patterns(path, exprs, ids);
	if (hs_populate_platform(&platform) != HS_SUCCESS)
		fail("hs_populate_platform", "failed");
	if (hs_compile_multi((const char *const *)exprs, flags, ids, *n, HS_MODE_BLOCK, &platform, &db, &err) != HS_SUCCESS)
		fail(err->expression >= 0 ? exprs[err->expression] : path, err->message);
	return db;
}

static void describe(const hs_database_t *db, unsigned n)
{
	char *info;
	size_t size;
	if (hs_database_info(db, &info) != HS_SUCCESS || hs_database_size(db, &size) != HS_SUCCESS)
		fail("hs_database_info", "failed");
	printf("{\"version\":\"%s\",\"platform\":\"%s\",\"patterns\":%u,\"database_bytes\":%zu}\n", hs_version(), info, n, size);
	fflush(stdout);
	free(info);
}

struct text {
	char *path, *bytes;
	size_t len;
};

static void load(struct text *t, const char *path)
{
	if (t->path && strcmp(t->path, path) == 0)
		return;
	free(t->path);
	free(t->bytes);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail(path, strerror(errno));
	fseek(f, 0, SEEK_END);
	t->len = ftell(f);
	rewind(f);
	t->path = strdup(path);
	t->bytes = malloc(t->len + 1);
	if (!t->bytes || fread(t->bytes, 1, t->len, f) != t->len)
		fail(path, "cannot be read to memory");
	fclose(f);
}

static int count(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *counts)
{
	(void)from, (void)to, (void)flags;
	((unsigned long *)counts)[id]++;
	return 0;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void answer(const hs_database_t *db, hs_scratch_t *scratch, const char *text, size_t len, unsigned n)
{
	unsigned long counts[MAX_PATTERNS] = {0}, total = 0;
	double begun = now();
	for (size_t at = 0; at < len; at += BLOCK)
		if (hs_scan(db, text + at, len - at < BLOCK ? len - at : BLOCK, 0, scratch, count, counts) != HS_SUCCESS)
			fail("hs_scan", "failed");
	double seconds = now() - begun;
	for (unsigned i = 0; i < n; i++)
		total += counts[i];
	printf("{\"seconds\":%.9f,\"matches\":%lu,\"by_pattern\":[", seconds, total);
	for (unsigned i = 0; i < n; i++)
		printf(i ? ",%lu" : "%lu", counts[i]);
	printf("]}\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage", "scan patterns.txt < requests");
	unsigned n;
	hs_database_t *db = compile(argv[1], &n);
	hs_scratch_t *scratch = NULL;
	if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS)
		fail("hs_alloc_scratch", "failed");
	describe(db, n);

	struct text text = {0};
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, stdin) > 0) {
		char *path;
		size_t bytes = strtoull(line, &path, 10);
		path += strspn(path, " ");
		path[strcspn(path, "\n")] = '\0';
		load(&text, path);
		answer(db, scratch, text.bytes, bytes < text.len ? bytes : text.len, n);
	}
	return 0;
}
