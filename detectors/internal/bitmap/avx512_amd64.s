//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Operands stand in Go's order: Intel's from right to left.

// The diagonal of an 8x8 matrix of bits, row i in byte i.
DATA diagonal<>+0(SB)/8, $0x8040201008040201
GLOBL diagonal<>(SB), RODATA|NOPTR, $8

// Byte 8c+j is 8j+c: the transpose of an 8x8 matrix of bytes.
DATA transpose<>+0(SB)/8, $0x3830282018100800
DATA transpose<>+8(SB)/8, $0x3931292119110901
DATA transpose<>+16(SB)/8, $0x3a322a221a120a02
DATA transpose<>+24(SB)/8, $0x3b332b231b130b03
DATA transpose<>+32(SB)/8, $0x3c342c241c140c04
DATA transpose<>+40(SB)/8, $0x3d352d251d150d05
DATA transpose<>+48(SB)/8, $0x3e362e261e160e06
DATA transpose<>+56(SB)/8, $0x3f372f271f170f07
GLOBL transpose<>(SB), RODATA|NOPTR, $64

DATA iota<>+0(SB)/8, $0
DATA iota<>+8(SB)/8, $1
DATA iota<>+16(SB)/8, $2
DATA iota<>+24(SB)/8, $3
DATA iota<>+32(SB)/8, $4
DATA iota<>+40(SB)/8, $5
DATA iota<>+48(SB)/8, $6
DATA iota<>+56(SB)/8, $7
GLOBL iota<>(SB), RODATA|NOPTR, $64

// BLOCK makes of the 64 bytes at off(SI) the words of eight planes: word c of
// OUT is that of class c. VPERMI2B looks up the classes of each byte by its
// low seven bits; bytes from 0x80 on get theirs from Z26. VGF2P8AFFINEQB
// multiplies matrices of bits: the eight bytes of a quadword, as a matrix, by
// the diagonal are their transpose with each row reversed, and once more by
// the diagonal reverses the rows. What is left is to gather the rows.
#define BLOCK(off, OUT) \
	PREFETCHT0     (8192+off)(SI); \
	VMOVDQU64      off(SI), OUT; \
	VPMOVB2M       OUT, K1; \
	VPERMI2B       Z25, Z24, OUT; \
	VMOVDQU8       Z26, K1, OUT; \
	VGF2P8AFFINEQB $0, OUT, Z27, OUT; \
	VGF2P8AFFINEQB $0, Z27, OUT, OUT; \
	VPERMB         OUT, Z28, OUT

// Swaps of the quadwords of A with those of B: all that have an odd place
// with all that have an even one, and the same with lanes of two.
#define ODD_EVEN(A, B, OUT_A, OUT_B) \
	VPUNPCKLQDQ B, A, OUT_A; \
	VPUNPCKHQDQ B, A, OUT_B

#define LANES(A, B, OUT_A, OUT_B) \
	VSHUFI64X2 $0x88, B, A, OUT_A; \
	VSHUFI64X2 $0xdd, B, A, OUT_B

// STORE writes eight words of class c.
#define STORE(c, WORDS) \
	VMOVDQU64 WORDS, (R10); \
	CMPQ      R9, $(c+1); \
	JEQ       stored; \
	ADDQ      R8, R10

// func classifyAVX512(dst []uint64, stride int, text []byte, group *group)
TEXT ·classifyAVX512(SB), NOSPLIT, $0-64
	MOVQ         dst_base+0(FP), DI
	MOVQ         stride+24(FP), R8
	MOVQ         text_base+32(FP), SI
	MOVQ         text_len+40(FP), CX
	MOVQ         group+56(FP), DX
	MOVQ         group_n(DX), R9
	VMOVDQU64    group_bits(DX), Z24
	VMOVDQU64    (group_bits+64)(DX), Z25
	VPBROADCASTB group_high(DX), Z26
	VPBROADCASTQ diagonal<>(SB), Z27
	VMOVDQU64    transpose<>(SB), Z28
	VPBROADCASTQ R8, Z29
	VPMULLQ      iota<>(SB), Z29, Z29
	SHLQ         $3, R8
	SUBQ         $512, CX
	JLT          rest

eight:
	BLOCK(0, Z0)
	BLOCK(64, Z1)
	BLOCK(128, Z2)
	BLOCK(192, Z3)
	BLOCK(256, Z4)
	BLOCK(320, Z5)
	BLOCK(384, Z6)
	BLOCK(448, Z7)

	// Word c of register k becomes word k of register c.
	ODD_EVEN(Z0, Z1, Z8, Z9)
	ODD_EVEN(Z2, Z3, Z10, Z11)
	ODD_EVEN(Z4, Z5, Z12, Z13)
	ODD_EVEN(Z6, Z7, Z14, Z15)
	LANES(Z8, Z10, Z0, Z2)
	LANES(Z9, Z11, Z1, Z3)
	LANES(Z12, Z14, Z4, Z6)
	LANES(Z13, Z15, Z5, Z7)
	LANES(Z0, Z4, Z8, Z12)
	LANES(Z1, Z5, Z9, Z13)
	LANES(Z2, Z6, Z10, Z14)
	LANES(Z3, Z7, Z11, Z15)

	MOVQ DI, R10
	STORE(0, Z8)
	STORE(1, Z9)
	STORE(2, Z10)
	STORE(3, Z11)
	STORE(4, Z12)
	STORE(5, Z13)
	STORE(6, Z14)
	VMOVDQU64 Z15, (R10)

stored:
	ADDQ $64, DI
	ADDQ $512, SI
	SUBQ $512, CX
	JGE  eight

rest:
	ADDQ $512, CX
	JEQ  done

	// K2 has the classes that there are.
	MOVQ  R9, AX
	XCHGQ AX, CX
	MOVL  $1, BX
	SHLL  CX, BX
	DECL  BX
	MOVQ  AX, CX

one:
	BLOCK(0, Z0)
	KMOVB       BX, K2
	VPSCATTERQQ Z0, K2, (DI)(Z29*8)
	ADDQ        $8, DI
	ADDQ        $64, SI
	SUBQ        $64, CX
	JNE         one

done:
	VZEROUPPER
	RET
