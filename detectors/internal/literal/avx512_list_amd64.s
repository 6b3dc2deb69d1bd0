//go:build !purego

#include "go_asm.h"
#include "textflag.h"

DATA places<>+0(SB)/8, $0x0706050403020100
DATA places<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA places<>+16(SB)/8, $0x1716151413121110
DATA places<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA places<>+32(SB)/8, $0x2726252423222120
DATA places<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA places<>+48(SB)/8, $0x3736353433323130
DATA places<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL places<>(SB), RODATA|NOPTR, $64

// func listHeadsAVX512(list *placeList, text []byte, where []uint64, h *heads) (n int)
TEXT ·listHeadsAVX512(SB), NOSPLIT, $0-72
	MOVQ list+0(FP), DI
	MOVQ text_base+8(FP), SI
	MOVQ where_base+32(FP), DX
	MOVQ where_len+40(FP), CX
	MOVQ h+56(FP), BX
	MOVQ DI, R8
	VMOVDQU64 places<>(SB), Z0
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
	VZEROUPPER
	MOVQ DI, AX
	MOVL heads_mask(BX), R13
	MOVQ heads_longMask(BX), R14
	MOVQ $0x9e3779b97f4a7c15, R15
	CMPQ AX, R8
	JAE  done
place: // stays in the list, at DI, if a string may start there
	MOVWLZX (AX), R9
	ADDQ    $2, AX
	MOVQ    (SI)(R9*1), R10
	MOVW    R9, (DI)
	MOVL    R10, R11
	MOVL    R10, R12
	ANDL    $const_shortMask, R11
	ANDL    R13, R12
	ANDQ    R14, R10
	IMUL3L  $-0x61c8864f, R11, R11
	IMUL3L  $-0x61c8864f, R12, R12
	IMULQ   R15, R10
	SHRL    $(32-const_shortBits), R11
	SHRL    $(32-const_headBits), R12
	SHRQ    $(64-const_longBits), R10
	MOVL    R11, R9
	SHRL    $6, R9
	SHRXQ   R11, heads_short(BX)(R9*8), R9
	MOVL    R12, CX
	SHRL    $6, CX
	SHRXQ   R12, heads_brief(BX)(CX*8), CX
	MOVL    R10, DX
	SHRL    $6, DX
	SHRXQ   R10, heads_long(BX)(DX*8), DX
	ORL     CX, R9
	ORL     DX, R9
	ANDL    $1, R9
	LEAQ    (DI)(R9*2), DI
	CMPQ    AX, R8
	JB      place
done:
	SUBQ list+0(FP), DI
	SHRQ $1, DI
	MOVQ DI, n+64(FP)
	RET
