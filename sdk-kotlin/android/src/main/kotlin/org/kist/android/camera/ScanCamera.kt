package org.kist.android.camera

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.view.Surface
import java.util.concurrent.Executor

/** Why the camera shows nothing. */
enum class CameraProblem {
    /** The person hasn't allowed it. */
    NOT_ALLOWED,

    /** The phone has none that looks away from the person. */
    MISSING,

    /** Another app has it, or it failed. */
    BUSY,
}

/**
 * The camera behind the phone, whose frames are given to [frame], and shown on a preview where there is one. Frames are looked
 * at one at a time on a thread of their own: those that come meanwhile are dropped, and none is kept.
 */
class ScanCamera(
    private val context: Context,
    /** How far the screen is turned, in degrees. */
    private val displayDegrees: () -> Int,
    private val problem: (CameraProblem) -> Unit,
    private val frame: (Luma) -> Unit,
) : AutoCloseable {
    private val manager = context.getSystemService(CameraManager::class.java)
    private var running: Running? = null

    /** The size that a preview should have to show what is read; null where there is no camera. */
    val previewSize: FrameSize? get() = back()?.let(::sizeOf)

    /** Opens the camera and begins. What goes wrong is told to `problem`, on any thread. */
    @Synchronized
    fun start(preview: Surface? = null) {
        if (running != null) return
        if (context.checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) {
            return problem(CameraProblem.NOT_ALLOWED)
        }
        val camera = back()
        val size = camera?.let(::sizeOf) ?: return problem(CameraProblem.MISSING)
        val sensor = manager.getCameraCharacteristics(camera).get(CameraCharacteristics.SENSOR_ORIENTATION) ?: 0
        running = Running(size, sensor, preview).also { it.open(camera) }
    }

    /** Lets go of the camera. Nothing is handed on after this. */
    @Synchronized
    override fun close() {
        running?.close()
        running = null
    }

    private fun back(): String? = manager.cameraIdList.find {
        manager.getCameraCharacteristics(it).get(CameraCharacteristics.LENS_FACING) == CameraCharacteristics.LENS_FACING_BACK
    }

    private fun sizeOf(camera: String): FrameSize? {
        val map = manager.getCameraCharacteristics(camera).get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
        return bestSize(map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty().map { FrameSize(it.width, it.height) })
    }

    /** One opening of the camera, and everything that it holds. */
    private inner class Running(size: FrameSize, private val sensor: Int, preview: Surface?) :
        CameraDevice.StateCallback(), AutoCloseable {
        private val thread = HandlerThread("kist-scan").apply { start() }
        private val handler = Handler(thread.looper)
        private val onThread = Executor { handler.post(it) }
        private val images = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 2)
        private val shownOn = listOfNotNull(preview, images.surface)
        private var device: CameraDevice? = null

        /** The camera was asked for, and hasn't come: it is let go of when it does. */
        private var awaited = false

        @Volatile
        private var closed = false

        fun open(camera: String) {
            images.setOnImageAvailableListener({ it.acquireLatestImage()?.use(::look) }, handler)
            handler.post {
                guarded {
                    manager.openCamera(camera, onThread, this)
                    awaited = true
                }
            }
        }

        private fun look(image: Image) {
            if (closed) return
            val (plane, crop) = Pair(image.planes[0], image.cropRect)
            val luma = LumaPlane(plane.buffer, image.width, image.height, plane.rowStride, plane.pixelStride)
            val turn = Rotation.ofFrames(sensor, displayDegrees())
            frame(luma.read(Crop(crop.left, crop.top, crop.width(), crop.height()), turn))
        }

        override fun onOpened(camera: CameraDevice) {
            device = camera
            awaited = false
            if (closed) return letGo()
            val outputs = shownOn.map(::OutputConfiguration)
            val session = Session(camera)
            guarded {
                camera.createCaptureSession(
                    SessionConfiguration(SessionConfiguration.SESSION_REGULAR, outputs, onThread, session),
                )
            }
        }

        override fun onDisconnected(camera: CameraDevice) = failed(camera)

        override fun onError(camera: CameraDevice, error: Int) = failed(camera)

        private fun failed(camera: CameraDevice) {
            device = camera
            awaited = false
            if (closed) return letGo()
            camera.close()
            problem(CameraProblem.BUSY)
        }

        private fun guarded(use: () -> Unit) {
            try {
                use()
            } catch (_: CameraAccessException) {
                problem(CameraProblem.BUSY)
            } catch (_: SecurityException) { // taken back in the settings since it was asked
                problem(CameraProblem.NOT_ALLOWED)
            } catch (_: IllegalStateException) { // closed, or the preview gone, in between
                if (!closed) problem(CameraProblem.BUSY)
            }
        }

        override fun close() {
            closed = true
            handler.post { if (!awaited) letGo() }
        }

        private fun letGo() {
            device?.close()
            images.close()
            thread.quitSafely()
        }

        private inner class Session(private val camera: CameraDevice) : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) = guarded {
                val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                    shownOn.forEach(::addTarget)
                    set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
                }
                session.setRepeatingRequest(request.build(), null, handler)
            }

            override fun onConfigureFailed(session: CameraCaptureSession) = problem(CameraProblem.BUSY)
        }
    }
}
