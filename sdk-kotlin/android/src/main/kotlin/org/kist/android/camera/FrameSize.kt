package org.kist.android.camera

/** A size in pixels. */
data class FrameSize(val width: Int, val height: Int) {
    internal val pixels get() = width.toLong() * height
}

/** Enough for a long link an arm's length away. */
private val ENOUGH = FrameSize(1280, 720)

/** The size that frames are best read at: the smallest with enough pixels, else the largest; null where there is none. */
internal fun bestSize(offered: List<FrameSize>): FrameSize? =
    offered.filter { it.pixels >= ENOUGH.pixels }.minByOrNull { it.pixels } ?: offered.maxByOrNull { it.pixels }
