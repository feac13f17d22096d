// Package keda makes the decisions of KEDA as plain functions.
package keda
