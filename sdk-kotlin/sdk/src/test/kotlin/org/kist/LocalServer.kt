package org.kist

import com.sun.net.httpserver.HttpServer
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** A server on this machine: it gives out what a test published, and keeps what it was asked. */
class LocalServer : AutoCloseable {
    /** What somebody asked. */
    data class Asked(val method: String, val path: String, val headers: Map<String, List<String>>, val body: String)

    private val published = ConcurrentHashMap<String, String>()
    private val asked = LinkedBlockingQueue<Asked>()
    private val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0).apply {
        createContext("/") { exchange ->
            val body = exchange.requestBody.readBytes().decodeToString()
            asked.add(Asked(exchange.requestMethod, exchange.requestURI.path, exchange.requestHeaders.toMap(), body))
            val found = published[exchange.requestURI.path]?.toByteArray()
            val status = if (exchange.requestMethod == "POST") CREATED else if (found == null) MISSING else FOUND
            exchange.sendResponseHeaders(status, found?.size?.toLong() ?: NOTHING)
            exchange.responseBody.use { out -> found?.let(out::write) }
        }
        start()
    }
    val url = "http://127.0.0.1:${server.address.port}"

    /** Gives it out at a path from now on; gives its address. */
    fun publish(path: String, content: String): String {
        published[path] = content
        return url + path
    }

    /** What was asked since the last look. */
    fun heard(): List<Asked> = generateSequence { asked.poll() }.toList()

    /** The next that is asked, which has to come. */
    fun next(): Asked = checkNotNull(asked.poll(30, TimeUnit.SECONDS)) { "nobody asks" }

    override fun close() = server.stop(0)

    private companion object {
        const val FOUND = 200
        const val CREATED = 201
        const val MISSING = 404
        const val NOTHING = -1L
    }
}
