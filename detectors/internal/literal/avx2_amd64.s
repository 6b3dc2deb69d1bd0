//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// NIBBLES puts into A and B the buckets that have the lower and the upper halves
// of the bytes at SI+AT at a position, of which LOW and HIGH are the tables.
#define NIBBLES(AT, LOW, HIGH, A, B) \
	VMOVDQU AT(SI), A \
	VPSRLW  $4, A, B \
	VPAND   Y8, A, A \
	VPAND   Y8, B, B \
	VPSHUFB A, LOW, A \
	VPSHUFB B, HIGH, B

// HALF puts into R a bit for each of 32 places from SI+AT on that no bucket is
// left for.
#define HALF(AT, R) \
	NIBBLES((AT+0), Y0, Y1, Y10, Y11) \
	NIBBLES((AT+1), Y2, Y3, Y12, Y13) \
	VPAND     Y11, Y10, Y10 \
	VPAND     Y13, Y12, Y12 \
	VPAND     Y12, Y10, Y10 \
	NIBBLES((AT+2), Y4, Y5, Y11, Y12) \
	VPAND     Y11, Y10, Y10 \
	VPAND     Y12, Y10, Y10 \
	NIBBLES((AT+3), Y6, Y7, Y11, Y12) \
	VPAND     Y11, Y10, Y10 \
	VPAND     Y12, Y10, Y10 \
	VPCMPEQB  Y9, Y10, Y10 \
	VPMOVMSKB Y10, R

// func markNibblesAVX2(words []uint64, text []byte, where []uint64, t *nibbles)
TEXT ·markNibblesAVX2(SB), NOSPLIT, $0-80
	MOVQ words_base+0(FP), DI
	MOVQ words_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	MOVQ where_base+48(FP), DX
	MOVQ t+72(FP), AX
	VBROADCASTI128 (nibbles_low+0)(AX), Y0
	VBROADCASTI128 (nibbles_high+0)(AX), Y1
	VBROADCASTI128 (nibbles_low+16)(AX), Y2
	VBROADCASTI128 (nibbles_high+16)(AX), Y3
	VBROADCASTI128 (nibbles_low+32)(AX), Y4
	VBROADCASTI128 (nibbles_high+32)(AX), Y5
	VBROADCASTI128 (nibbles_low+48)(AX), Y6
	VBROADCASTI128 (nibbles_high+48)(AX), Y7
	MOVL $0x0f0f0f0f, AX
	MOVQ AX, X8
	VPBROADCASTD X8, Y8
	VPXOR Y9, Y9, Y9
	TESTQ CX, CX
	JZ    done
loop:
	MOVQ  $-1, AX
	TESTQ DX, DX
	JZ    look
	MOVQ  (DX), AX
	ADDQ  $8, DX
	TESTQ AX, AX
	JZ    store
look:
	HALF(0, R8)
	HALF(32, R9)
	SHLQ  $32, R9
	ORQ   R9, R8
	NOTQ  R8
	ANDQ  R8, AX
store:
	MOVQ  AX, (DI)
	ADDQ  $8, DI
	ADDQ  $64, SI
	DECQ  CX
	JNZ   loop
done:
	VZEROUPPER
	RET

// HEAD asks for a string at the lowest bit of AX, puts that bit into R8 if there
// may be one, and takes it out of AX. With AX zero nothing happens. R13 and R14
// are what counts of four and of six bytes, R15 is the factor of the hash of
// six.
#define HEAD \
	TZCNTQ AX, R9 \
	ANDL   $63, R9 \
	MOVQ   (SI)(R9*1), R10 \
	MOVL   R10, R11 \
	MOVL   R10, R12 \
	ANDL   $const_shortMask, R11 \
	ANDL   R13, R12 \
	ANDQ   R14, R10 \
	IMUL3L $-0x61c8864f, R11, R11 \
	IMUL3L $-0x61c8864f, R12, R12 \
	IMULQ  R15, R10 \
	SHRL   $(32-const_shortBits), R11 \
	SHRL   $(32-const_headBits), R12 \
	SHRQ   $(64-const_longBits), R10 \
	MOVL   R11, R9 \
	SHRL   $6, R9 \
	SHRXQ  R11, heads_short(BX)(R9*8), R9 \
	MOVL   R12, R11 \
	SHRL   $6, R11 \
	SHRXQ  R12, heads_brief(BX)(R11*8), R11 \
	MOVL   R10, R12 \
	SHRL   $6, R12 \
	SHRXQ  R10, heads_long(BX)(R12*8), R12 \
	ORL    R11, R9 \
	ORL    R12, R9 \
	ANDL   $1, R9 \
	NEGQ   R9 \
	BLSIQ  AX, R10 \
	ANDQ   R10, R9 \
	ORQ    R9, R8 \
	BLSRQ  AX, AX

// func markHeadsBMI(words []uint64, text []byte, where []uint64, h *heads)
TEXT ·markHeadsBMI(SB), NOSPLIT, $0-80
	MOVQ words_base+0(FP), DI
	MOVQ words_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	MOVQ where_base+48(FP), DX
	MOVQ h+72(FP), BX
	MOVL heads_mask(BX), R13
	MOVQ heads_longMask(BX), R14
	MOVQ $0x9e3779b97f4a7c15, R15
	TESTQ CX, CX
	JZ    done
loop:
	XORL  R8, R8
	MOVQ  $-1, AX
	TESTQ DX, DX
	JZ    four
	MOVQ  (DX), AX
	ADDQ  $8, DX
	TESTQ AX, AX
	JZ    store
four:
	HEAD
	HEAD
	HEAD
	HEAD
	TESTQ AX, AX
	JNZ   four
store:
	MOVQ  R8, (DI)
	ADDQ  $8, DI
	ADDQ  $64, SI
	DECQ  CX
	JNZ   loop
done:
	RET
