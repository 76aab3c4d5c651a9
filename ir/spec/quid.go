package spec

// This file finds the member of a struct that belongs to guards.

import "quasi/ir"

// QuidMember is the member that QUASI_QUID of quasi.h declares.
const QuidMember = "quasi_quid"

// QuidOffset is how far from the start of a record its member for guards lies; ok is
// false if it has none.
func QuidOffset(record *ir.CType) (off int64, ok bool) {
	for i := range record.Fields {
		if f := &record.Fields[i]; f.Name == QuidMember && f.Type.Kind == ir.CPointer {
			return f.Off, true
		}
	}
	return 0, false
}
