import CLibCurl
import Glibc

// What libcurl asks about connections. File-scope functions: a closure in isolated code would look for an executor that the
// loop's thread does not have.

/// Opens a connection's socket as libcurl would, but so that no child process inherits it, and only if the transfer may go there.
/// That is the address itself, so neither a name with changing addresses nor an address in disguise gets around the check.
func openSocket(_ context: UnsafeMutableRawPointer?, _: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?)
    -> curl_socket_t
{
    guard let context, let address, let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return -1 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    // The structure ends with room for the smallest kind of address, but larger ones stand there too.
    let peer = NetworkAddress(UnsafeRawPointer(address) + offset, length: Int(address.pointee.addrlen))
    guard transfer.admits(peer) else { return -1 }
    let kind = address.pointee
    return socket(kind.family, kind.socktype | CInt(SOCK_CLOEXEC.rawValue), kind.protocol)
}

/// Called before a request is sent, also over a connection that another transfer made, which had perhaps other rules.
func useConnection(
    _ context: UnsafeMutableRawPointer?,
    _ peer: UnsafeMutablePointer<CChar>?,
    _: UnsafeMutablePointer<CChar>?,
    _: CInt,
    _: CInt
) -> CInt {
    guard let context else { return CURL_PREREQFUNC_ABORT }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let address = peer.flatMap { NetworkAddress(String(cString: $0)) }
    return transfer.admits(address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
