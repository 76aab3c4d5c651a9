; image: bytes, relocations and undefined parts of initializers of every kind.
%pair = type { i8, i32 }
%node = type { i32, %node*, [3 x i8], double }

@int = global i32 -2
; CHECK: @int: size 4 bytes feffffff
@odd = global i24 -2
; CHECK-NEXT: @odd: size 4 bytes feffff00
@bool = global i1 true
; CHECK-NEXT: @bool: size 1 bytes 01
@wide = global i128 18446744073709551617
; CHECK-NEXT: @wide: size 16 bytes 01000000000000000100000000000000
@half = global half 0xH3C00
; CHECK-NEXT: @half: size 2 bytes 003c
@float = global float -1.5
; CHECK-NEXT: @float: size 4 bytes 0000c0bf
@tiny = global float 0x36A0000000000000
; CHECK-NEXT: @tiny: size 4 bytes 01000000
@double = global double 0x3FB999999999999A
; CHECK-NEXT: @double: size 8 bytes 9a9999999999b93f
@minuszero = global double -0.0
; CHECK-NEXT: @minuszero: size 8 bytes 0000000000000080
@infinity = global float 0xFFF0000000000000
; CHECK-NEXT: @infinity: size 4 bytes 000080ff
@nan = global double 0x7FF8000000000000
; CHECK-NEXT: @nan: size 8 bytes 000000000000f87f
@payload = global double 0x7FF0000000000123
; CHECK-NEXT: @payload: size 8 bytes 230100000000f07f
@payloadf = global float 0xFFF0000020000000
; CHECK-NEXT: @payloadf: size 4 bytes 010080ff
@x87 = global x86_fp80 0xK4000C90FDAA22168C235
; CHECK-NEXT: @x87: size 16 bytes 35c26821a2da0fc90040000000000000
@x87nan = global x86_fp80 0xK7FFFC000000000000001
; CHECK-NEXT: @x87nan: size 16 bytes 01000000000000c0ff7f000000000000
@quad = global fp128 0xL00000000000000013FFF000000000000
; CHECK-NEXT: @quad: size 16 bytes 0100000000000000000000000000ff3f
@string = global [4 x i8] c"ab\00\FF"
; CHECK-NEXT: @string: size 4 bytes 616200ff
@struct = global %pair { i8 1, i32 2 }
; CHECK-NEXT: @struct: size 8 bytes 0100000002000000
@packed = global <{ i8, i32 }> <{ i8 1, i32 2 }>
; CHECK-NEXT: @packed: size 5 bytes 0102000000
@array = global [2 x %pair] [%pair { i8 1, i32 2 }, %pair zeroinitializer]
; CHECK-NEXT: @array: size 16 bytes 01000000020000000000000000000000
@vector = global <3 x i16> <i16 1, i16 2, i16 3>
; CHECK-NEXT: @vector: size 8 bytes 0100020003000000
@zero = global [1000000 x %pair] zeroinitializer
; CHECK-NEXT: @zero: size 8000000 zero
@zeros = global [2 x %pair] [%pair { i8 0, i32 0 }, %pair zeroinitializer]
; CHECK-NEXT: @zeros: size 16 zero
@null = global i8* null
; CHECK-NEXT: @null: size 8 zero
@list = global %node { i32 7, %node* @list, [3 x i8] c"xyz", double 1.0 }
; CHECK-NEXT: @list: size 32 bytes 0700000000000000000000000000000078797a0000000000000000000000f03f reloc 8 @list+0
@inside = global i32* getelementptr inbounds ([2 x %pair], [2 x %pair]* @array, i64 0, i64 1, i32 1)
; CHECK-NEXT: @inside: size 8 {{.*}} reloc 0 @array+12
@before = global i8* getelementptr (i8, i8* bitcast (%pair* @struct to i8*), i64 -1)
; CHECK-NEXT: @before: size 8 {{.*}} reloc 0 @struct+-1
@function = global i32 ()* bitcast (void ()* @f to i32 ()*)
; CHECK-NEXT: @function: size 8 {{.*}} reloc 0 @f+0
@number = global i8* inttoptr (i64 -1 to i8*)
; CHECK-NEXT: @number: size 8 bytes ffffffffffffffff
@asint = global i64 ptrtoint (i32* @int to i64)
; CHECK-NEXT: @asint: size 8 {{.*}} reloc 0 @int+0
@asintplus = global i64 add (i64 ptrtoint (i32* @int to i64), i64 4)
; CHECK-NEXT: @asintplus: size 8 {{.*}} reloc 0 @int+4
@roundtrip = global i8* inttoptr (i64 add (i64 ptrtoint (i32* @int to i64), i64 4) to i8*)
; CHECK-NEXT: @roundtrip: size 8 {{.*}} reloc 0 @int+4
@distance = global i64 sub (i64 ptrtoint (%pair* getelementptr ([2 x %pair], [2 x %pair]* @array, i64 0, i64 1) to i64), i64 ptrtoint ([2 x %pair]* @array to i64))
; CHECK-NEXT: @distance: size 8 bytes 0800000000000000
@through = global i8* bitcast (i32* @alias to i8*)
; CHECK-NEXT: @through: size 8 {{.*}} reloc 0 @alias+0
@labels = global [2 x i8*] [i8* blockaddress(@f, %here), i8* blockaddress(@f, %here)]
; CHECK-NEXT: @labels: size 16 {{.*}} reloc 0 blockaddress(@f, %here)+0 reloc 8 blockaddress(@f, %here)+0
@partly = global { i32, i32, [4 x i8], i32 } { i32 1, i32 undef, [4 x i8] undef, i32 poison }
; CHECK-NEXT: @partly: size 16 bytes 01000000000000000000000000000000 undef 4+12
@halfaddress = global i32 trunc (i64 ptrtoint (i32* @int to i64) to i32)
; CHECK-NEXT: @halfaddress: none
@other = global i64 sub (i64 ptrtoint (i32* @int to i64), i64 ptrtoint (i1* @bool to i64))
; CHECK-NEXT: @other: none

@alias = alias i32, i32* @int
define void @f() {
entry:
  br label %here
here:
  ret void
}
