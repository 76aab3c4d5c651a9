package ir

// This file holds CType: C types as debug information tells them, with
// typedefs and qualifiers resolved.

import (
	"fmt"
	"strings"
)

// A CKind is the kind of a CType.
type CKind uint8

// Kinds of C types. CVoid is the zero value: a type of which nothing is known
// but that it can be pointed to.
const (
	CVoid CKind = iota
	CInt
	CBool
	CFloat
	CEnum
	CPointer
	CStruct
	CUnion
	CArray
	CFunc
)

var ckindNames = [...]string{"void", "int", "bool", "float", "enum", "pointer", "struct", "union", "array", "function"}

func (k CKind) String() string { return ckindNames[k] }

// A CType is a C type. Typedefs and const are resolved away; one node of the
// debug information gives one CType, so types that refer to themselves through
// pointers are cyclic. A CType must not be changed.
type CType struct {
	Kind   CKind
	Name   string // tag of a struct, union or enum, name of a basic type; may be empty
	Size   int64  // in bytes; 0 for void, functions, flexible arrays and incomplete types
	Signed bool   // of CInt and CEnum

	Elem   *CType        // of CPointer and CArray; the result of CFunc (nil for void)
	Fields []CField      // of CStruct and CUnion, in declaration order
	Count  int64         // elements of CArray; -1 for a flexible or variable array
	Enums  []CEnumerator // of CEnum

	// Typedef is a name that a typedef gives to a struct, union or enum without
	// a tag. It is used for messages.
	Typedef string
	// Incomplete tells that a struct, union or enum is only declared.
	Incomplete bool
	// Volatile and Atomic tell the qualifiers of a type that an object is
	// accessed with.
	Volatile, Atomic bool
}

// A CField is a member of a struct or union. A member without a name is an
// anonymous struct or union, or has no debug information.
type CField struct {
	Name string
	Type *CType
	Off  int64 // in bytes; of a bit-field, of its storage unit
	// BitOff is the distance in bits of a bit-field's least significant bit
	// from Off (little endian), BitSize its width; BitSize is 0 for members that
	// are no bit-fields. UnitSize is how many bytes clang loads at Off for it.
	BitOff, BitSize, UnitSize int64
	// File and Line are where it is declared, empty and 0 if that is not known.
	File string
	Line int
}

// A CEnumerator is an enumerator.
type CEnumerator struct {
	Name  string
	Value int64
}

// IsInteger reports whether t is an integer type of C: int, bool, enum.
func (t *CType) IsInteger() bool { return t.Kind == CInt || t.Kind == CBool || t.Kind == CEnum }

// IsScalar reports whether a value of t can be compared and tested.
func (t *CType) IsScalar() bool { return t.IsInteger() || t.Kind == CPointer || t.Kind == CFloat }

// IsRecord reports whether t is a struct or union.
func (t *CType) IsRecord() bool { return t.Kind == CStruct || t.Kind == CUnion }

// Bits is the width in bits of the object representation of t.
func (t *CType) Bits() int { return int(t.Size * 8) }

// Field finds the member called name by C's rule, that is also inside
// anonymous structs and unions. The offset of what it returns counts from the
// start of t.
func (t *CType) Field(name string) (CField, bool) {
	if name == "" || !t.IsRecord() {
		return CField{}, false
	}
	for _, f := range t.Fields {
		if f.Name == name {
			return f, true
		}
		if f.Name == "" && f.BitSize == 0 {
			if in, ok := f.Type.Field(name); ok {
				in.Off += f.Off
				return in, true
			}
		}
	}
	return CField{}, false
}

// FieldNames are the names that Field finds, in declaration order.
func (t *CType) FieldNames() []string {
	var names []string
	for _, f := range t.Fields {
		if f.Name != "" {
			names = append(names, f.Name)
		} else if f.BitSize == 0 && f.Type.IsRecord() {
			names = append(names, f.Type.FieldNames()...)
		}
	}
	return names
}

// String writes t as C does.
func (t *CType) String() string { return strings.TrimSpace(t.declare("")) }

// declare writes the declaration of inner as an object of type t.
func (t *CType) declare(inner string) string {
	if t == nil {
		return "void " + inner
	}
	switch t.Kind {
	case CPointer:
		e := t.Elem
		if e != nil && (e.Kind == CArray || e.Kind == CFunc) {
			return e.declare("(*" + inner + ")")
		}
		return e.declare("*" + inner)
	case CArray:
		n := ""
		if t.Count >= 0 {
			n = fmt.Sprint(t.Count)
		}
		return t.Elem.declare(inner + "[" + n + "]")
	case CFunc:
		return t.Elem.declare(inner + "()")
	}
	name := t.Name
	switch t.Kind {
	case CVoid:
		name = "void"
	case CStruct, CUnion, CEnum:
		switch {
		case t.Name != "":
			name = t.Kind.String() + " " + t.Name
		case t.Typedef != "":
			name = t.Typedef
		default:
			name = t.Kind.String() + " <anonymous>"
		}
	}
	if t.Volatile {
		name = "volatile " + name
	}
	return name + " " + inner
}
