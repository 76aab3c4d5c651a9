package main

import "errors"

func (c *comparison) page() ([]byte, error) { return nil, errors.New("no page") }
