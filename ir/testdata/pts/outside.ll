; Inline assembly and what it names, ifuncs, a weak definition that the linker may replace, and
; symbols that only @llvm.used or a section keeps in sight.
@a = internal global i8 0
@b = internal global i8 0
@w = internal global i8 0
@inasm = internal global i8* null
@used = internal global i8* null
@placed = internal global i8* null, section "list"
@llvm.used = appending global [1 x i8*] [i8* bitcast (i8** @used to i8*)], section "llvm.metadata"
@picked = internal ifunc i8* (), i8* ()* ()* @resolve

define internal i8* ()* @resolve() {
  ret i8* ()* @impl
}

define internal i8* @impl() {
  ret i8* @b
}

define weak i8* @weak(i8* %p) {
  ret i8* @w
}

define internal void @f() {
  %x = call i8* asm sideeffect "mov $1, $0", "=r,r,~{memory}"(i8* @a)
  %i = call i8* @picked()
  %k = call i8* @weak(i8* @b)
  call void asm sideeffect "incl inasm(%rip)", "~{memory}"()
  %n = load i8*, i8** @inasm
  %u = load i8*, i8** @used
  %s = load i8*, i8** @placed
  ret void
}
; pts: @weak %p = {?}
; pts: @f %x = {?}
; pts: @f %i = {@b}
; pts: @f %k = {?}
; pts: @f %n = {?}
; pts: @f %u = {?}
; pts: @f %s = {?}
; mem: @a = {?}
; mem: @b = {?}
; mem: @w = {?}
; mem: @inasm = {?}
; mem: @used = {?}
; mem: @placed = {?}
; escapes: @a @b @w @inasm @used @placed @weak
