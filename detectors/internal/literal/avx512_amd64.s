//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Both kernels look at the 64 places of a block at once. The bytes of heads are
// four loads, each a byte behind the one before.

#define LOAD \
	VMOVDQU64 0(SI), Z18 \
	VMOVDQU64 1(SI), Z19 \
	VMOVDQU64 2(SI), Z20 \
	VMOVDQU64 3(SI), Z21

// EXACT sets K1 where a bucket is left: the tables are in Z0 to Z7, the lower
// half of each first.
#define EXACT \
	LOAD \
	VPERMI2B   Z1, Z0, Z18 \
	VPERMI2B   Z3, Z2, Z19 \
	VPERMI2B   Z5, Z4, Z20 \
	VPERMI2B   Z7, Z6, Z21 \
	VPTERNLOGQ $0x80, Z19, Z20, Z18 \
	VPTESTMB   Z18, Z21, K1

// HASHED does it with matrices in Z0 to Z7 and tables in Z8 to Z17. The sums
// of two, three and four products end up in Z22, Z23 and Z24, those of the other
// three and four in Z25 and Z26.
#define HASHED \
	LOAD \
	VGF2P8AFFINEQB $0, Z0, Z18, Z22 \
	VGF2P8AFFINEQB $0, Z1, Z19, Z23 \
	VGF2P8AFFINEQB $0, Z2, Z20, Z24 \
	VGF2P8AFFINEQB $0, Z3, Z21, Z27 \
	VPXORQ         Z22, Z23, Z22 \
	VPXORQ         Z22, Z24, Z23 \
	VPXORQ         Z23, Z27, Z24 \
	VGF2P8AFFINEQB $0, Z4, Z18, Z25 \
	VGF2P8AFFINEQB $0, Z5, Z19, Z26 \
	VGF2P8AFFINEQB $0, Z6, Z20, Z27 \
	VGF2P8AFFINEQB $0, Z7, Z21, Z28 \
	VPTERNLOGQ     $0x96, Z26, Z27, Z25 \
	VPXORQ         Z25, Z28, Z26 \
	VPERMI2B       Z9, Z8, Z22 \
	VPERMI2B       Z11, Z10, Z23 \
	VPERMI2B       Z13, Z12, Z24 \
	VPERMI2B       Z15, Z14, Z25 \
	VPERMI2B       Z17, Z16, Z26 \
	VPTERNLOGQ     $0x80, Z23, Z24, Z22 \
	VPANDQ         Z25, Z26, Z25 \
	VPTESTMB       Z22, Z25, K1

// LOOPS goes over CX blocks from SI on, by where at DX if that is not nil, and
// stores words at DI.
#define LOOPS(BLOCK) \
	TESTQ CX, CX \
	JZ    done \
	TESTQ DX, DX \
	JZ    all \
chosen: \
	MOVQ  (DX), AX \
	TESTQ AX, AX \
	JZ    store \
	BLOCK \
	KMOVQ K1, BX \
	ANDQ  BX, AX \
store: \
	MOVQ AX, (DI) \
	ADDQ $8, DX \
	ADDQ $8, DI \
	ADDQ $64, SI \
	DECQ CX \
	JNZ  chosen \
	JMP  done \
all: \
	BLOCK \
	KMOVQ K1, (DI) \
	ADDQ  $8, DI \
	ADDQ  $64, SI \
	DECQ  CX \
	JNZ   all \
done: \
	VZEROUPPER \
	RET

// func markExactAVX512(words []uint64, text []byte, where []uint64, t *exact)
TEXT ·markExactAVX512(SB), NOSPLIT, $0-80
	MOVQ words_base+0(FP), DI
	MOVQ words_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	MOVQ where_base+48(FP), DX
	MOVQ t+72(FP), AX
	VMOVDQU64 (exact_in+0)(AX), Z0
	VMOVDQU64 (exact_in+64)(AX), Z1
	VMOVDQU64 (exact_in+128)(AX), Z2
	VMOVDQU64 (exact_in+192)(AX), Z3
	VMOVDQU64 (exact_in+256)(AX), Z4
	VMOVDQU64 (exact_in+320)(AX), Z5
	VMOVDQU64 (exact_in+384)(AX), Z6
	VMOVDQU64 (exact_in+448)(AX), Z7
	LOOPS(EXACT)

// func markHashedAVX512(words []uint64, text []byte, where []uint64, t *hashed)
TEXT ·markHashedAVX512(SB), NOSPLIT, $0-80
	MOVQ words_base+0(FP), DI
	MOVQ words_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	MOVQ where_base+48(FP), DX
	MOVQ t+72(FP), AX
	VPBROADCASTQ (hashed_matrices+0)(AX), Z0
	VPBROADCASTQ (hashed_matrices+8)(AX), Z1
	VPBROADCASTQ (hashed_matrices+16)(AX), Z2
	VPBROADCASTQ (hashed_matrices+24)(AX), Z3
	VPBROADCASTQ (hashed_matrices+32)(AX), Z4
	VPBROADCASTQ (hashed_matrices+40)(AX), Z5
	VPBROADCASTQ (hashed_matrices+48)(AX), Z6
	VPBROADCASTQ (hashed_matrices+56)(AX), Z7
	VMOVDQU64 (hashed_in+0)(AX), Z8
	VMOVDQU64 (hashed_in+64)(AX), Z9
	VMOVDQU64 (hashed_in+128)(AX), Z10
	VMOVDQU64 (hashed_in+192)(AX), Z11
	VMOVDQU64 (hashed_in+256)(AX), Z12
	VMOVDQU64 (hashed_in+320)(AX), Z13
	VMOVDQU64 (hashed_in+384)(AX), Z14
	VMOVDQU64 (hashed_in+448)(AX), Z15
	VMOVDQU64 (hashed_in+512)(AX), Z16
	VMOVDQU64 (hashed_in+576)(AX), Z17
	LOOPS(HASHED)
