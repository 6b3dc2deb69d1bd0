//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Operands stand in Go's order: Intel's from right to left.

// 1<<h at the places h and 8+h, twice.
DATA powers<>+0(SB)/8, $0x8040201008040201
DATA powers<>+8(SB)/8, $0x8040201008040201
GLOBL powers<>(SB), RODATA|NOPTR, $16

// CLASS writes the word of class c, whose rows are in ROWS, for the block in
// Y0 and Y1. A row has, for a low nibble, one bit for each high nibble up to
// 7; the bit of each byte's high nibble is in Y2 and Y3. VPSHUFB gives no bit
// for bytes from 0x80 on; R12 has these.
#define CLASS(c, ROWS) \
	VPSHUFB   Y0, ROWS, Y4; \
	VPSHUFB   Y1, ROWS, Y5; \
	VPAND     Y2, Y4, Y4; \
	VPAND     Y3, Y5, Y5; \
	VPCMPEQB  Y2, Y4, Y4; \
	VPCMPEQB  Y3, Y5, Y5; \
	VPMOVMSKB Y4, AX; \
	VPMOVMSKB Y5, BX; \
	SHLQ      $32, BX; \
	ORQ       BX, AX; \
	MOVQ      (group_highs+8*c)(DX), BX; \
	ANDQ      R12, BX; \
	ORQ       BX, AX; \
	MOVQ      AX, (R10); \
	CMPQ      R9, $(c+1); \
	JEQ       next; \
	ADDQ      R8, R10

// func classifyAVX2(dst []uint64, stride int, text []byte, group *group)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-64
	MOVQ           dst_base+0(FP), DI
	MOVQ           stride+24(FP), R8
	MOVQ           text_base+32(FP), SI
	MOVQ           text_len+40(FP), CX
	MOVQ           group+56(FP), DX
	MOVQ           group_n(DX), R9
	SHLQ           $3, R8
	VBROADCASTI128 powers<>(SB), Y6
	VPCMPEQB       Y7, Y7, Y7
	VPSRLW         $12, Y7, Y7
	VPACKUSWB      Y7, Y7, Y7
	VBROADCASTI128 (group_rows+0)(DX), Y8
	VBROADCASTI128 (group_rows+16)(DX), Y9
	VBROADCASTI128 (group_rows+32)(DX), Y10
	VBROADCASTI128 (group_rows+48)(DX), Y11
	VBROADCASTI128 (group_rows+64)(DX), Y12
	VBROADCASTI128 (group_rows+80)(DX), Y13
	VBROADCASTI128 (group_rows+96)(DX), Y14
	VBROADCASTI128 (group_rows+112)(DX), Y15

block:
	PREFETCHT0 8192(SI)
	VMOVDQU    (SI), Y0
	VMOVDQU    32(SI), Y1
	VPMOVMSKB  Y0, R12
	VPMOVMSKB  Y1, R13
	SHLQ       $32, R13
	ORQ        R13, R12
	VPSRLW     $4, Y0, Y2
	VPSRLW     $4, Y1, Y3
	VPAND      Y7, Y2, Y2
	VPAND      Y7, Y3, Y3
	VPSHUFB    Y2, Y6, Y2
	VPSHUFB    Y3, Y6, Y3

	MOVQ DI, R10
	CLASS(0, Y8)
	CLASS(1, Y9)
	CLASS(2, Y10)
	CLASS(3, Y11)
	CLASS(4, Y12)
	CLASS(5, Y13)
	CLASS(6, Y14)
	CLASS(7, Y15)

next:
	ADDQ $8, DI
	ADDQ $64, SI
	SUBQ $64, CX
	JNE  block
	VZEROUPPER
	RET
