//go:build !purego

#include "go_asm.h"
#include "textflag.h"

DATA placesOfBlock<>+0(SB)/8, $0x0706050403020100
DATA placesOfBlock<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA placesOfBlock<>+16(SB)/8, $0x1716151413121110
DATA placesOfBlock<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA placesOfBlock<>+32(SB)/8, $0x2726252423222120
DATA placesOfBlock<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA placesOfBlock<>+48(SB)/8, $0x3736353433323130
DATA placesOfBlock<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL placesOfBlock<>(SB), RODATA|NOPTR, $64

// BITS leaves in DST, lane by lane, the two bits of the keys in KEY in the
// table at BASE+OFFSET, of which the number has LOG bits: bit 0 is set if both are.
#define BITS(KEY, TABLE, LOG, DST) \
	VPMULLQ    Z25, KEY, KEY \
	VPSRLQ     $(64-LOG), KEY, Z11 \
	KMOVB      K1, K2 \
	VPXORD     Y12, Y12, Y12 \
	VPGATHERQD TABLE(BX)(Z11*4), K2, Y12 \
	VPSRLQ     $const_firstBit, KEY, Z13 \
	VPSRLQ     $const_secondBit, KEY, Z14 \
	VPMOVQD    Z13, Y13 \
	VPMOVQD    Z14, Y14 \
	VPRORVD    Y13, Y12, Y13 \
	VPRORVD    Y14, Y12, Y14 \
	VPANDD     Y13, Y14, DST

// func listWordsAVX512(list *placeList, text []byte, where []uint64, s *wordSet) (n int)
TEXT ·listWordsAVX512(SB), NOSPLIT, $0-72
	MOVQ list+0(FP), DI
	MOVQ text_base+8(FP), SI
	MOVQ where_base+32(FP), DX
	MOVQ where_len+40(FP), CX
	MOVQ s+56(FP), BX
	MOVQ DI, R8
	VMOVDQU64 placesOfBlock<>(SB), Z0
	XORL AX, AX
	TESTQ CX, CX
	JZ    listed
word: // the numbers of the bits of each word, widened and counted from the first
	MOVQ          (DX), R9
	KMOVQ         R9, K1
	VPCOMPRESSB   Z0, K1, Z1
	POPCNTQ       R9, R9
	VPBROADCASTW  AX, Z2
	VEXTRACTI64X4 $1, Z1, Y3
	VPMOVZXBW     Y1, Z1
	VPMOVZXBW     Y3, Z3
	VPADDW        Z2, Z1, Z1
	VPADDW        Z2, Z3, Z3
	VMOVDQU64     Z1, 0(R8)
	VMOVDQU64     Z3, 64(R8)
	LEAQ          (R8)(R9*2), R8
	ADDL          $64, AX
	ADDQ          $8, DX
	DECQ          CX
	JNZ           word
listed:
	MOVQ         DI, AX
	SUBQ         AX, R8
	SHRQ         $1, R8 // how many
	JZ           done
	MOVQ         $0x2020202020202020, R9
	VPBROADCASTQ R9, Z30
	MOVQ         $0x6161616161616161, R9
	VPBROADCASTQ R9, Z29
	MOVQ         $0x1a1a1a1a1a1a1a1a, R9
	VPBROADCASTQ R9, Z28
	VPBROADCASTQ wordSet_others(BX), Z27
	MOVQ         $0xffff, R9
	VPBROADCASTQ R9, Z26
	MOVQ         $const_goldenLong, R9
	VPBROADCASTQ R9, Z25
	VPTERNLOGQ   $0xff, Z31, Z31, Z31
	VPXORQ       Z0, Z0, Z0
	MOVL         $1, R9
	VPBROADCASTD R9, Y24
	MOVQ         $0xfefefefefefefefe, R15
	MOVQ         $0x0101010101010101, R14
eight: // places, of which those stay in the list, at DI, at which a word may stand
	MOVL       $8, R9
	CMPQ       R8, R9
	CMOVQLT    R8, R9
	MOVL       $-1, R10
	BZHIL      R9, R10, R10
	KMOVB      R10, K1 // of them
	KMOVB      R10, K2
	VMOVDQU8   (AX), X23
	VPMOVZXWQ  X23, Z1
	VPXORQ     Z2, Z2, Z2
	VPGATHERQQ (SI)(Z1*1), K2, Z2
	VPORQ      Z30, Z2, Z3  // folded
	VPSUBB     Z29, Z3, Z4
	VPCMPUB    $1, Z28, Z4, K3
	VPTESTNMB  Z30, Z2, K4
	KMOVQ      K3, R10  // letters
	KMOVQ      K4, R11  // capitals, and others
	ANDNQ      R10, R11, R12
	SHLQ       $1, R12
	ANDQ       R11, R12
	ANDQ       R10, R12
	ANDQ       R15, R12 // capitals behind small ones
	MOVQ       R10, R13
	NOTQ       R13
	ORQ        R12, R13
	PEXTQ      R14, R10, R10
	NOTQ       R10
	KMOVB      R10, K5  // lanes that do not begin with a letter
	KMOVQ      R13, K6
	KMOVQ      R12, K7
	VPMOVM2B   K6, Z5
	VPMOVM2B   K7, Z6
	VPSUBQ     Z5, Z0, Z7
	VPANDQ     Z5, Z7, Z7   // the lowest bit of the byte behind the word
	VPADDQ     Z31, Z7, Z8  // the word
	VPANDQ     Z3, Z8, Z9
	VPTERNLOGQ $0xf8, Z6, Z7, Z9
	VPANDQ     Z27, Z3, K5, Z9
	VPSLLQ     $16, Z8, Z8
	VPORQ      Z26, Z8, Z8
	VPANDQ     Z3, Z8, Z8
	BITS(Z9, wordSet_ends, const_endBits, Y15)
	BITS(Z8, wordSet_starts, const_startBits, Y16)
	VPORD       Y15, Y16, Y16
	VPTESTMD    Y24, Y16, K1, K2
	KMOVB       K2, R9
	VPCOMPRESSW X23, K2, X23
	VMOVDQU8    X23, (DI)
	POPCNTL     R9, R9
	LEAQ        (DI)(R9*2), DI
	ADDQ        $16, AX
	SUBQ        $8, R8
	JGT         eight
	VZEROUPPER
done:
	SUBQ list+0(FP), DI
	SHRQ $1, DI
	MOVQ DI, n+64(FP)
	RET
