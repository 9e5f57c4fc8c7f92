package main

import "fmt"

// Both are set by the linker.
var version = "unknown"
var root = "nowhere"

func main() {
	fmt.Println("vikunja", version, "serves", root)
}
