package org.kist.wallet.android

import android.Manifest
import android.content.Context
import android.view.Surface
import java.io.IOException
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import org.kist.android.camera.FrameReader
import org.kist.android.camera.Luma as Frame
import org.kist.android.camera.ScanCamera
import org.kist.wallet.ports.Camera
import org.kist.wallet.ports.Luma

/** The camera behind the phone. The person is asked for it when it is first switched on. */
class AndroidCamera(private val context: Context, private val front: Front) : Camera {
    private val reader = FrameReader()

    override val frames: Flow<Luma> = callbackFlow {
        front.allow(Manifest.permission.CAMERA)
        val camera = ScanCamera(
            context,
            displayDegrees = { degrees(front.activity?.display?.rotation) },
            problem = { close(IOException("camera: $it")) },
            frame = { trySend(Luma(it.pixels, it.width, it.height)) },
        )
        camera.start()
        awaitClose(camera::close)
    }.conflate()

    @Synchronized
    override fun code(frame: Luma): String? = reader.read(Frame(frame.bytes, frame.width, frame.height))
}

/** A display's turn, which Android gives as a number of quarters, in degrees. */
internal fun degrees(rotation: Int?): Int = when (rotation) {
    Surface.ROTATION_90 -> 90
    Surface.ROTATION_180 -> 180
    Surface.ROTATION_270 -> 270
    else -> 0
}
