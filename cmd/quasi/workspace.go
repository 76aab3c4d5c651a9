package main

// This file holds the temporary folder of a run and the way outputs reach
// their place: written aside, renamed at the end, so that a failed run leaves
// nothing behind.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A workspace is the temporary folder of one run. Close removes it.
type workspace struct{ dir string }

func newWorkspace() (*workspace, error) {
	dir, err := os.MkdirTemp("", "quasi-")
	if err != nil {
		return nil, fmt.Errorf("cannot make a temporary folder: %w", err)
	}
	return &workspace{dir: dir}, nil
}

// path is the name of a file in the workspace.
func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

// Close removes the folder and everything in it.
func (w *workspace) Close() { os.RemoveAll(w.dir) }

// install moves a finished file to its place: copied into a file beside it,
// which is then renamed, so that dst is either what it was or complete. A dst
// that exists and is no regular file (a device, a pipe) is written to.
func install(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if old, err := os.Stat(dst); err == nil && !old.Mode().IsRegular() {
		if old.IsDir() {
			return fmt.Errorf("%s is a folder", dst)
		}
		return writeDevice(dst, in)
	}
	out, err := os.CreateTemp(filepath.Dir(dst), ".quasi-*")
	if err != nil {
		return cannotWrite(dst, err)
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Chmod(info.Mode().Perm()), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), dst)
	}
	if err != nil {
		os.Remove(out.Name())
		return cannotWrite(dst, err)
	}
	return nil
}

func writeDevice(dst string, in io.Reader) error {
	out, err := os.OpenFile(dst, os.O_WRONLY, 0)
	if err != nil {
		return cannotWrite(dst, err)
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// checkWritable says early that dst cannot be written, before minutes of work.
func checkWritable(dst string) error {
	dir := filepath.Dir(dst)
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return cannotWrite(dst, err)
	case !info.IsDir():
		return fmt.Errorf("cannot write %s: %s is no folder", dst, dir)
	}
	if info, err := os.Stat(dst); err == nil && info.IsDir() {
		return fmt.Errorf("cannot write %s: it is a folder", dst)
	}
	return nil
}

// cannotWrite names the output, not the temporary file, and gives the cause
// without the path that os errors repeat.
func cannotWrite(dst string, err error) error {
	return fmt.Errorf("cannot write %s: %w", dst, cause(err))
}

// cause strips the operation and path from an os error.
func cause(err error) error {
	var pe *os.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err
	case errors.As(err, &le):
		return le.Err
	}
	return err
}

// sameFile reports whether both names stand for one existing file.
func sameFile(a, b string) bool {
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}
