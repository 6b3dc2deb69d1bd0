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

// func listPlacesAVX512(places *placeList, where []uint64) (n int)
TEXT ·listPlacesAVX512(SB), NOSPLIT, $0-40
	MOVQ places+0(FP), DI
	MOVQ where_base+8(FP), DX
	MOVQ where_len+16(FP), CX
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
	VPMOVZXBW     Y1, Z4
	VPADDW        Z2, Z4, Z4
	VMOVDQU64     Z4, 0(R8)
	CMPQ          R9, $32
	JGT           more
next:
	LEAQ          (R8)(R9*2), R8
	ADDL          $64, AX
	ADDQ          $8, DX
	DECQ          CX
	JNZ           word
	VZEROUPPER
listed:
	SUBQ DI, R8
	SHRQ $1, R8
	MOVQ R8, n+32(FP)
	RET
more: // than one store has room for
	VEXTRACTI64X4 $1, Z1, Y3
	VPMOVZXBW     Y3, Z3
	VPADDW        Z2, Z3, Z3
	VMOVDQU64     Z3, 64(R8)
	JMP           next

// PLACE stores the number of the lowest bit of R9, counted from AX, and takes it out of R9.
#define PLACE(OFFSET) \
	TZCNTQ R9, R10 \
	ADDL   AX, R10 \
	BLSRQ  R9, R9 \
	MOVW   R10, OFFSET(R8)

// func listPlacesBMI(places *placeList, where []uint64) (n int)
TEXT ·listPlacesBMI(SB), NOSPLIT, $0-40
	MOVQ places+0(FP), DI
	MOVQ where_base+8(FP), DX
	MOVQ where_len+16(FP), CX
	MOVQ DI, R8
	XORL AX, AX
	TESTQ CX, CX
	JZ    listed
word:
	MOVQ    (DX), R9
	POPCNTQ R9, R11
	LEAQ    (R8)(R11*2), R12
eight: // at a time, the last of which may be none
	PLACE(0)
	PLACE(2)
	PLACE(4)
	PLACE(6)
	PLACE(8)
	PLACE(10)
	PLACE(12)
	PLACE(14)
	ADDQ    $16, R8
	TESTQ   R9, R9
	JNZ     eight
	MOVQ    R12, R8
	ADDL    $64, AX
	ADDQ    $8, DX
	DECQ    CX
	JNZ     word
listed:
	SUBQ DI, R8
	SHRQ $1, R8
	MOVQ R8, n+32(FP)
	RET

// func strikeStartsBMI(places []uint16, text []byte, w *Words) (n int)
TEXT ·strikeStartsBMI(SB), NOSPLIT, $0-64
	MOVQ places_base+0(FP), DI
	MOVQ places_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	MOVQ w+48(FP), BX
	LEAQ (DI)(CX*2), CX // its end
	MOVQ DI, AX
	XORL R8, R8         // how many are left
	CMPQ AX, CX
	JEQ  done
place:
	MOVWLZX (AX), R9
	MOVW    R9, (DI)(R8*2)
	MOVL    (SI)(R9*1), R10
	ANDL    $const_shortMask, R10
	IMUL3L  $-0x61c8864f, R10, R10
	SHRL    $(32-const_shortBits), R10
	MOVL    R10, R11
	SHRL    $6, R11
	MOVQ    Words_starts(BX)(R11*8), R11
	BTQ     R10, R11
	ADCQ    $0, R8
	ADDQ    $2, AX
	CMPQ    AX, CX
	JNE     place
done:
	MOVQ R8, n+56(FP)
	RET

// func strikeHeadsBMI(places []uint16, text []byte, h *heads) (n int)
TEXT ·strikeHeadsBMI(SB), NOSPLIT, $0-64
	MOVQ places_base+0(FP), DI
	MOVQ places_len+8(FP), CX
	MOVQ text_base+24(FP), SI
	MOVQ h+48(FP), BX
	MOVL heads_mask(BX), R13
	MOVQ heads_longMask(BX), R14
	MOVQ $0x9e3779b97f4a7c15, R15
	LEAQ (DI)(CX*2), CX // its end
	MOVQ DI, AX
	XORL R8, R8         // how many are left
	CMPQ AX, CX
	JEQ  done
place:
	MOVWLZX (AX), R9
	MOVW    R9, (DI)(R8*2)
	MOVQ    (SI)(R9*1), R10
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
	MOVL    R12, R11
	SHRL    $6, R11
	SHRXQ   R12, heads_brief(BX)(R11*8), R11
	MOVL    R10, R12
	SHRL    $6, R12
	SHRXQ   R10, heads_long(BX)(R12*8), R12
	ORL     R11, R9
	ORL     R12, R9
	ANDL    $1, R9
	ADDQ    R9, R8
	ADDQ    $2, AX
	CMPQ    AX, CX
	JNE     place
done:
	MOVQ R8, n+56(FP)
	RET
