import CLinux

/// Gives back to the kernel what the allocator holds free: after work that is done once, such as starting. glibc returns only what lies at
/// the end of a heap, so a document that was built from a tree leaves the tree's room behind for good.
package func returnFreeMemory() {
    malloc_trim(0)
}
