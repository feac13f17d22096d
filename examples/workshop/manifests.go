package main

import "embed"

// manifests are the objects of the workshop.
//
//go:embed manifests
var manifests embed.FS

// manifest reads one of them.
func manifest(name string) ([]byte, error) { return manifests.ReadFile("manifests/" + name) }
