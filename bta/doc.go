// Package bta is the binding-time analysis.
package bta
