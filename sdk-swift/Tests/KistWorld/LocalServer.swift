// A server on this machine: it gives out what a test published, and tells what it was asked.

import Foundation

#if canImport(Glibc)
import Glibc
private let streaming = Int32(SOCK_STREAM.rawValue)
#else
import Darwin
private let streaming = SOCK_STREAM
#endif

/// Answers one request after the other, until it is let go.
public final class LocalServer: Sendable {
    /// What somebody asked.
    public struct Asked: Sendable {
        /// Method, path and headers.
        public let head: String
        public let body: String
    }

    public let url: String
    /// Everything that is asked, as it comes.
    public let asked: AsyncStream<Asked>
    private let listening: Int32
    private let published = Published()

    public init() throws {
        let listening = socket(AF_INET, streaming, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, length) == 0 && listen(listening, 8) == 0
                    && getsockname(listening, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.listening = listening
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        let (asked, told) = AsyncStream.makeStream(of: Asked.self)
        self.asked = asked
        Thread.detachNewThread { [published] in Self.serve(listening, published, told) }
    }

    deinit { shutdown(listening, Int32(SHUT_RDWR)) }

    /// Gives it out at a path from now on; gives its address.
    public func publish(_ content: String, at path: String) -> String {
        published.set(content, at: path)
        return url + path
    }

    private static func serve(
        _ listening: Int32, _ published: Published, _ told: AsyncStream<Asked>.Continuation
    ) {
        while true {
            let connection = accept(listening, nil, nil)
            guard connection >= 0 else { break }
            if let request = request(from: connection) {
                let answer = published.answer(to: request)
                _ = answer.withCString { send(connection, $0, strlen($0), 0) }
                told.yield(request)
            }
            close(connection)
        }
        close(listening)
        told.finish()
    }

    /// One request, whole; nil where the other side went away before.
    private static func request(from connection: Int32) -> Asked? {
        var (text, bytes) = ("", [UInt8](repeating: 0, count: 8192))
        while true {
            let count = recv(connection, &bytes, bytes.count, 0)
            guard count > 0 else { return nil }
            text += String(decoding: bytes[..<count], as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let (head, body) = (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
            if body.utf8.count >= length(of: head) { return Asked(head: head, body: body) }
        }
    }

    /// How long the body is, as the headers say.
    private static func length(of head: String) -> Int {
        let lines = head.lowercased().components(separatedBy: "\r\n")
        let length = lines.first { $0.hasPrefix("content-length:") }?.split(separator: ":").last
        return length.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) } ?? 0
    }
}

/// What a server gives out, by path.
private final class Published: @unchecked Sendable {
    private let lock = NSLock()
    private var contents: [String: String] = [:]

    func set(_ content: String, at path: String) { lock.withLock { contents[path] = content } }

    func answer(to request: LocalServer.Asked) -> String {
        let words = request.head.split(separator: " ")
        if words.first == "POST" { return "HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" }
        let content = lock.withLock { words.dropFirst().first.flatMap { contents[String($0)] } }
        let status = content == nil ? "404 Not Found" : "200 OK"
        let length = content?.utf8.count ?? 0
        return "HTTP/1.1 \(status)\r\ncontent-length: \(length)\r\nconnection: close\r\n\r\n\(content ?? "")"
    }
}
