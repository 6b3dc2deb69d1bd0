//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Operands stand in Go's order: Intel's from right to left.

// SHIFTED makes in X four words of b, those at off(DX) shifted down by Y6 and
// those behind them shifted up by Y7. T is free.
#define SHIFTED(off, X, T) \
	VMOVDQU off(DX)(BX*1), X; \
	VMOVDQU (off+8)(DX)(BX*1), T; \
	VPSRLVQ Y6, X, X; \
	VPSLLVQ Y7, T, T; \
	VPOR    T, X, X

// WHOLE does so where there is nothing to shift.
#define WHOLE(off, X, T) VMOVDQU off(DX)(BX*1), X

#define AND(off, X) VPAND off(SI)(BX*1), X, X
#define AND_NOT(off, X) VPANDN off(SI)(BX*1), X, X
#define OR(off, X) VPOR off(SI)(BX*1), X, X
#define AND_OR(off, X) \
	VPAND off(SI)(BX*1), X, X; \
	VPOR  off(DI)(BX*1), X, X

// FOUR does four words of an operation, those at off(BX). ANY collects the
// bits.
#define FOUR(off, X, T, ANY, LOAD, OP) \
	LOAD(off, X, T); \
	OP(off, X); \
	VMOVDQU X, off(DI)(BX*1); \
	VPOR    X, ANY, ANY

// EIGHTS goes over the planes by eight words: R12 is how often, and not zero.
#define EIGHTS(loop, LOAD, OP) \
loop: \
	FOUR(0, Y0, Y2, Y4, LOAD, OP); \
	FOUR(32, Y1, Y3, Y5, LOAD, OP); \
	ADDQ $64, BX; \
	DECQ CX; \
	JNE  loop; \
	JMP  made

// EACH goes over the planes of one operation: DI, SI and DX point to dst, a and
// b, the latter with the whole bytes of the shift. R15 is what is left of it.
#define EACH(whole, shifted, OP) \
	XORL  BX, BX; \
	MOVQ  R12, CX; \
	TESTL R15, R15; \
	JNE   shifted; \
	EIGHTS(whole, WHOLE, OP); \
	EIGHTS(shifted, SHIFTED, OP)

// func runAVX2(arena []uint64, codes []code, some []bool, words, zero int)
//
// R9 goes over the codes, R10 is how many are left, R11 points to some, R13 to
// the plane without bits; AX and BX tell whether the operands have bits.
TEXT ·runAVX2(SB), NOSPLIT, $0-88
	MOVQ arena_base+0(FP), R8
	MOVQ codes_base+24(FP), R9
	MOVQ codes_len+32(FP), R10
	MOVQ some_base+48(FP), R11
	MOVQ words+72(FP), R12
	MOVQ zero+80(FP), R13
	SHRQ $3, R12
	LEAQ (R8)(R13*8), R13

next:
	TESTQ   R10, R10
	JEQ     done
	DECQ    R10
	MOVLQSX code_dst(R9), DI
	MOVLQSX code_a(R9), SI
	MOVLQSX code_b(R9), DX
	LEAQ    (R8)(DI*8), DI
	LEAQ    (R8)(SI*8), SI
	LEAQ    (R8)(DX*8), DX

	// Bits 8n further on are n bytes further on.
	MOVL         code_shift(R9), R15
	MOVL         R15, AX
	SHRL         $3, AX
	ADDQ         AX, DX
	ANDL         $7, R15
	MOVL         $64, BX
	SUBL         R15, BX
	VMOVQ        R15, X6
	VMOVQ        BX, X7
	VPBROADCASTQ X6, Y6
	VPBROADCASTQ X7, Y7
	VPXOR        Y4, Y4, Y4
	VPXOR        Y5, Y5, Y5

	MOVLQSX code_na(R9), AX
	MOVLQSX code_nb(R9), BX
	MOVBLZX (R11)(AX*1), AX
	MOVBLZX (R11)(BX*1), BX
	MOVL    code_op(R9), CX
	CMPL    CX, $const_opAndNot
	JEQ     andnot
	CMPL    CX, $const_opOr
	JEQ     or

	// An And, or one that is added to a sum.
	TESTL   BX, AX
	JEQ     nothing
	CMPL    CX, $const_opAndOr
	JNE     and
	MOVLQSX code_sum(R9), AX
	CMPB    (R11)(AX*1), $0
	JNE     andor

and:
	EACH(andwhole, andshifted, AND)

andor:
	EACH(andorwhole, andorshifted, AND_OR)

andnot:
	TESTL   AX, AX
	JEQ     nothing
	TESTL   BX, BX
	CMOVQEQ R13, DX
	EACH(andnotwhole, andnotshifted, AND_NOT)

or:
	MOVL    AX, CX
	ORL     BX, CX
	JEQ     nothing
	TESTL   AX, AX
	CMOVQEQ R13, SI
	TESTL   BX, BX
	CMOVQEQ R13, DX
	EACH(orwhole, orshifted, OR)

nothing:
	// No bit, unless there is a sum.
	XORL    AX, AX
	CMPL    CX, $const_opAndOr
	JNE     tell
	MOVLQSX code_sum(R9), AX
	MOVBLZX (R11)(AX*1), AX
	JMP     tell

made:
	VPOR   Y4, Y5, Y5
	XORL   AX, AX
	VPTEST Y5, Y5
	SETNE  AX

tell:
	MOVLQSX code_self(R9), BX
	MOVB    AX, (R11)(BX*1)
	ADDQ    $code__size, R9
	JMP     next

done:
	VZEROUPPER
	RET
