//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Operands stand in Go's order: Intel's from right to left.

// STEP does eight words of an operation, those at off(BX). CUR has the words of
// b that are due, and NEXT gets those behind them: together they make the words
// one further, Z2. OP leaves the result in CUR. Z5 collects the bits.
#define STEP(off, CUR, NEXT, OP) \
	VMOVDQU64 (off+64)(DX)(BX*1), NEXT; \
	VALIGNQ   $1, CUR, NEXT, Z2; \
	VPSHRDVQ  Z4, Z2, CUR; \
	OP(off, CUR); \
	VMOVDQU64 CUR, off(DI)(BX*1); \
	VPORQ     CUR, Z5, Z5

// EACH goes over the planes of one operation: DI, SI and DX point to dst, a and
// b, Z4 is the shift, and R12 the number of steps.
#define EACH(six, one, last, OP) \
	VMOVDQU64 (DX), Z0; \
	XORL      BX, BX; \
	MOVQ      R12, CX; \
	SUBQ      $6, CX; \
	JLT       last; \
six: \
	STEP(0, Z0, Z1, OP); \
	STEP(64, Z1, Z0, OP); \
	STEP(128, Z0, Z1, OP); \
	STEP(192, Z1, Z0, OP); \
	STEP(256, Z0, Z1, OP); \
	STEP(320, Z1, Z0, OP); \
	ADDQ      $384, BX; \
	SUBQ      $6, CX; \
	JGE       six; \
last: \
	ADDQ      $6, CX; \
	JEQ       made; \
one: \
	STEP(0, Z0, Z1, OP); \
	VMOVDQA64 Z1, Z0; \
	ADDQ      $64, BX; \
	DECQ      CX; \
	JNE       one; \
	JMP       made

#define AND(off, X) VPANDQ off(SI)(BX*1), X, X
#define AND_NOT(off, X) VPANDNQ off(SI)(BX*1), X, X
#define OR(off, X) VPORQ off(SI)(BX*1), X, X

// dst | a & b: 0xf8 is the truth table.
#define AND_OR(off, X) \
	VMOVDQU64  off(DI)(BX*1), Z3; \
	VPTERNLOGQ $0xf8, off(SI)(BX*1), X, Z3; \
	VMOVDQA64  Z3, X

// func runAVX512(arena []uint64, codes []code, some []bool, words, zero int)
//
// R9 goes over the codes, R10 is how many are left, R11 points to some, R13 to
// the plane without bits; AX and BX tell whether the operands have bits.
TEXT ·runAVX512(SB), NOSPLIT, $0-88
	MOVQ arena_base+0(FP), R8
	MOVQ codes_base+24(FP), R9
	MOVQ codes_len+32(FP), R10
	MOVQ some_base+48(FP), R11
	MOVQ words+72(FP), R12
	MOVQ zero+80(FP), R13
	SHRQ $3, R12
	LEAQ (R8)(R13*8), R13

next:
	TESTQ        R10, R10
	JEQ          done
	DECQ         R10
	MOVLQSX      code_dst(R9), DI
	MOVLQSX      code_a(R9), SI
	MOVLQSX      code_b(R9), DX
	LEAQ         (R8)(DI*8), DI
	LEAQ         (R8)(SI*8), SI
	LEAQ         (R8)(DX*8), DX
	MOVLQSX      code_na(R9), AX
	MOVLQSX      code_nb(R9), BX
	MOVBLZX      (R11)(AX*1), AX
	MOVBLZX      (R11)(BX*1), BX
	VPBROADCASTD code_shift(R9), Z4
	VPSRLQ       $32, Z4, Z4
	VPXORQ       Z5, Z5, Z5
	MOVL         code_op(R9), CX
	CMPL         CX, $const_opAndNot
	JEQ          andnot
	CMPL         CX, $const_opOr
	JEQ          or

	// An And, or one that is added to a sum.
	TESTL   BX, AX
	JEQ     nothing
	CMPL    CX, $const_opAndOr
	JNE     and
	MOVLQSX code_sum(R9), AX
	CMPB    (R11)(AX*1), $0
	JNE     andor

and:
	EACH(and6, and1, and0, AND)

andor:
	EACH(andor6, andor1, andor0, AND_OR)

andnot:
	TESTL   AX, AX
	JEQ     nothing
	TESTL   BX, BX
	CMOVQEQ R13, DX
	EACH(andnot6, andnot1, andnot0, AND_NOT)

or:
	MOVL    AX, CX
	ORL     BX, CX
	JEQ     nothing
	TESTL   AX, AX
	CMOVQEQ R13, SI
	TESTL   BX, BX
	CMOVQEQ R13, DX
	EACH(or6, or1, or0, OR)

nothing:
	// No bit, unless there is a sum.
	XORL    AX, AX
	CMPL    CX, $const_opAndOr
	JNE     tell
	MOVLQSX code_sum(R9), AX
	MOVBLZX (R11)(AX*1), AX
	JMP     tell

made:
	VPTESTMQ Z5, Z5, K1
	XORL     AX, AX
	KORTESTB K1, K1
	SETNE    AX

tell:
	MOVLQSX code_self(R9), BX
	MOVB    AX, (R11)(BX*1)
	ADDQ    $code__size, R9
	JMP     next

done:
	VZEROUPPER
	RET
