package org.kist.wallet.bench

import java.io.File
import java.nio.file.Path
import java.util.Locale
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What is measured of the wallet: a room adds its measures here, and has them in a file of its own. */
private val measures: List<Measure> = listOf(
    firstFrame,
    openRequest,
    search,
    scrolling,
)

/**
 * Something that is measured in a folder of its own. The [target] is what it should stay under, in the median and at the 95th
 * percentile, or at that alone where the name ends in `_p95_ms`.
 */
class Measure(val name: String, val unit: String, val target: Double, val take: (folder: Path) -> List<Double>)

/**
 * `scripts/bench wallet` runs this: it prints a table and writes `target/bench/wallet.json`, as the other benches do. There is no
 * peer. It is no test by its name, so that a run of the tests leaves it alone.
 */
class WalletBench {
    @TempDir
    lateinit var folder: Path

    @Test
    fun measure() {
        val rows = measures.flatMap { measure ->
            val samples = measure.take(folder.resolve(measure.name).also { it.toFile().mkdirs() }).sorted()
            val slowest = at(samples, 0.95)
            when {
                measure.name.endsWith("_p95_ms") -> listOf(Row(measure.name, measure, slowest))
                else -> listOf(Row(measure.name, measure, at(samples, 0.5)), Row("${measure.name}_p95", measure, slowest))
            }
        }
        val line = "%-24s %8s %10s %10s"
        println(line.format("measure", "unit", "ours", "target"))
        rows.forEach { println(line.format(it.name, it.measure.unit, it.rounded, it.measure.target)) }
        System.getProperty("kist.bench")?.let { file ->
            val json = JsonArray(rows.map(::json))
            File(file).absoluteFile.apply { parentFile.mkdirs() }.writeText(pretty.encodeToString(JsonArray.serializer(), json) + "\n")
        }
    }

    private fun at(sorted: List<Double>, share: Double): Double = sorted[((sorted.size - 1) * share).toInt()]

    /** As all benches write it. */
    private fun json(row: Row): JsonObject = buildJsonObject {
        put("measure", row.name)
        put("unit", row.measure.unit)
        put("better", "lower")
        put("ours", row.rounded)
        put("peer", JsonNull)
        put("peer_name", JsonNull)
        put("ratio", JsonNull)
    }

    private class Row(val name: String, val measure: Measure, ours: Double) {
        val rounded: Double = "%.4f".format(Locale.ROOT, ours).toDouble()
    }

    private companion object {
        val pretty = Json { prettyPrint = true }
    }
}
