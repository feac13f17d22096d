// Package kube is under construction.
package kube
