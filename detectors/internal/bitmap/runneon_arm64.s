//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// USHL shifts the two words of n to the left by the signed numbers in m; 64
// leaves nothing. Go's assembler does not have it.
#define USHL(m, n, d) WORD $(0x6ee04400 + (m<<16) + (n<<5) + d)

// SHIFTED makes in V0 to V3 the next eight words of b, those at R8 shifted down
// and those behind them, at R9, shifted up.
#define SHIFTED \
	VLD1.P 64(R8), [V0.D2, V1.D2, V2.D2, V3.D2]; \
	VLD1.P 64(R9), [V16.D2, V17.D2, V18.D2, V19.D2]; \
	USHL(6, 0, 0); \
	USHL(6, 1, 1); \
	USHL(6, 2, 2); \
	USHL(6, 3, 3); \
	USHL(7, 16, 16); \
	USHL(7, 17, 17); \
	USHL(7, 18, 18); \
	USHL(7, 19, 19); \
	VORR   V16.B16, V0.B16, V0.B16; \
	VORR   V17.B16, V1.B16, V1.B16; \
	VORR   V18.B16, V2.B16, V2.B16; \
	VORR   V19.B16, V3.B16, V3.B16

// WHOLE does so where there is nothing to shift.
#define WHOLE VLD1.P 64(R8), [V0.D2, V1.D2, V2.D2, V3.D2]

// An operation on two words of a, b and dst leaves them in X. V8 has no bit.
#define VECTOR_AND(A, X, D) VAND A.B16, X.B16, X.B16
#define VECTOR_ANDNOT(A, X, D) VBSL A.B16, V8.B16, X.B16
#define VECTOR_OR(A, X, D) VORR A.B16, X.B16, X.B16
#define VECTOR_ANDOR(A, X, D) \
	VAND A.B16, X.B16, X.B16; \
	VORR D.B16, X.B16, X.B16

// EIGHTS goes over the planes by eight words: R15 is how often, and not zero.
// V9 and V10 collect the bits.
#define EIGHTS(loop, LOAD, OP) \
loop: \
	LOAD; \
	VLD1.P 64(R7), [V20.D2, V21.D2, V22.D2, V23.D2]; \
	VLD1   (R6), [V24.D2, V25.D2, V26.D2, V27.D2]; \
	OP(V20, V0, V24); \
	OP(V21, V1, V25); \
	OP(V22, V2, V26); \
	OP(V23, V3, V27); \
	VST1.P [V0.D2, V1.D2, V2.D2, V3.D2], 64(R6); \
	VORR   V0.B16, V9.B16, V9.B16; \
	VORR   V1.B16, V10.B16, V10.B16; \
	VORR   V2.B16, V9.B16, V9.B16; \
	VORR   V3.B16, V10.B16, V10.B16; \
	SUBS   $1, R15; \
	BNE    loop; \
	B      made

// EACH goes over the planes of one operation: R6, R7 and R8 point to dst, a and
// b, the latter with the whole bytes of the shift. R12 is what is left of it.
#define EACH(whole, shifted, OP) \
	ADD  $8, R8, R9; \
	MOVD R4, R15; \
	CBNZ R12, shifted; \
	EIGHTS(whole, WHOLE, OP); \
	EIGHTS(shifted, SHIFTED, OP)

// func runNEON(arena []uint64, codes []code, some []bool, words, zero int)
//
// R1 goes over the codes, R2 is how many are left, R3 points to some, R5 to the
// plane without bits; R10 and R11 tell whether the operands have bits, R14
// whether a sum has.
TEXT ·runNEON(SB), NOSPLIT, $0-88
	MOVD arena_base+0(FP), R0
	MOVD codes_base+24(FP), R1
	MOVD codes_len+32(FP), R2
	MOVD some_base+48(FP), R3
	MOVD words+72(FP), R4
	MOVD zero+80(FP), R5
	LSR  $3, R4
	ADD  R5<<3, R0, R5
	VEOR V8.B16, V8.B16, V8.B16

next:
	CBZ   R2, done
	SUB   $1, R2
	MOVW  code_dst(R1), R6
	MOVW  code_a(R1), R7
	MOVW  code_b(R1), R8
	ADD   R6<<3, R0, R6
	ADD   R7<<3, R0, R7
	ADD   R8<<3, R0, R8
	MOVW  code_na(R1), R10
	MOVW  code_nb(R1), R11
	MOVBU (R3)(R10), R10
	MOVBU (R3)(R11), R11
	VEOR  V9.B16, V9.B16, V9.B16
	VEOR  V10.B16, V10.B16, V10.B16

	// Bits 8n further on are n bytes further on.
	MOVWU code_shift(R1), R12
	ADD   R12>>3, R8, R8
	AND   $7, R12
	NEG   R12, R13
	VDUP  R13, V6.D2
	ADD   $64, R13
	VDUP  R13, V7.D2

	MOVD $0, R14
	MOVW code_op(R1), R13
	CMPW $const_opAndNot, R13
	BEQ  andnot
	CMPW $const_opOr, R13
	BEQ  or
	CMPW $const_opAndOr, R13
	BNE  and

	MOVW  code_sum(R1), R14
	MOVBU (R3)(R14), R14
	TST   R10, R11
	BEQ   nothing
	CBZ   R14, and
	EACH(andorwhole, andorshifted, VECTOR_ANDOR)

and:
	TST R10, R11
	BEQ nothing
	EACH(andwhole, andshifted, VECTOR_AND)

andnot:
	CBZ  R10, nothing
	CMP  $0, R11
	CSEL EQ, R5, R8, R8
	EACH(andnotwhole, andnotshifted, VECTOR_ANDNOT)

or:
	ORR  R10, R11, R13
	CBZ  R13, nothing
	CMP  $0, R10
	CSEL EQ, R5, R7, R7
	CMP  $0, R11
	CSEL EQ, R5, R8, R8
	EACH(orwhole, orshifted, VECTOR_OR)

nothing:
	// No bit, unless there is a sum.
	MOVD R14, R13
	B    tell

made:
	VORR V10.B16, V9.B16, V9.B16
	VMOV V9.D[0], R13
	VMOV V9.D[1], R14
	ORR  R14, R13
	CMP  $0, R13
	CSET NE, R13

tell:
	MOVW code_self(R1), R14
	MOVB R13, (R3)(R14)
	ADD  $code__size, R1
	B    next

done:
	RET
