import Glibc

/// Lets this process, and its children, hold as many descriptors as the hard limit allows: a connection is a descriptor, and the usual soft
/// limit of 1,024 is not meant for servers.
package func raiseDescriptorLimit() throws(SystemError) {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(resource, &limit) == 0 else { throw .last("setrlimit") }
}
