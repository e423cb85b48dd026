package org.kist.wallet.android

import android.app.Application
import android.content.ClipData
import android.content.ClipDescription
import android.content.ClipboardManager
import android.content.Context
import android.content.pm.PackageManager
import android.os.PersistableBundle
import android.provider.Settings
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.receiveAsFlow
import org.kist.Platform
import org.kist.android.keys.AndroidDeviceKeys
import org.kist.android.keys.KeyStoreSecureArea
import org.kist.android.keys.KeyStoreSmallState
import org.kist.android.links.IncomingLink
import org.kist.android.links.openInBrowser
import org.kist.android.presence.PlatformPrompt
import org.kist.android.presence.PresenceGate
import org.kist.android.presence.PresenceReason
import org.kist.android.presence.PromptWords
import org.kist.wallet.app.PreferenceStore
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words
import org.kist.wallet.ports.Clipboard
import org.kist.wallet.ports.KeptFile
import org.kist.wallet.ports.KeptText
import org.kist.wallet.ports.Links
import org.kist.wallet.ports.Ports

/** What Android gives. Everything lies where no backup of the phone looks. */
fun androidPorts(app: WalletApplication): Ports {
    val folder = app.noBackupFilesDir.toPath()
    val preferences = KeptFile(folder.resolve("preferences.json"))
    val pictures = AndroidPictures(app)
    return Ports(
        home = folder.resolve("store"),
        platform = platform(app, preferences),
        files = AndroidFiles(app, app.front),
        pictures = pictures,
        printer = AndroidPrinter(app, app.front),
        clipboard = AndroidClipboard(app),
        links = app.links,
        place = KeptFile(folder.resolve("place")),
        preferences = preferences,
        camera = if (app.has(PackageManager.FEATURE_CAMERA_ANY)) AndroidCamera(app, app.front) else null,
    )
}

/** The key store, with prompts in the language that the person chose. */
private fun platform(app: Application, preferences: KeptText): Platform {
    val keys = AndroidDeviceKeys(app)
    val prompts = PresenceGate(PlatformPrompt(app)) { reason ->
        promptWords(reason, PreferenceStore(preferences, Language.ENGLISH).state.value.language)
    }
    return Platform(deviceName(app), KeyStoreSecureArea(keys, prompts), KeyStoreSmallState(keys))
}

internal fun promptWords(reason: PresenceReason, language: Language): PromptWords {
    val words = Words(language)
    val title = when (reason) {
        PresenceReason.OPEN -> words("phone.prompt.open")
        PresenceReason.SEAL -> words("phone.prompt.seal")
        PresenceReason.SIGN -> words("phone.prompt.sign")
    }
    return PromptWords(title, cancel = words("act.cancel"))
}

/** What the person calls this phone; they may have given it a name in the settings. */
private fun deviceName(app: Application): String =
    Settings.Global.getString(app.contentResolver, Settings.Global.DEVICE_NAME) ?: android.os.Build.MODEL

internal fun Context.has(feature: String): Boolean = packageManager.hasSystemFeature(feature)

/** The clipboard. A text that is secret isn't shown in the system's preview of it. */
class AndroidClipboard(private val context: Context) : Clipboard {
    private val manager = context.getSystemService(ClipboardManager::class.java)

    override fun text(): String? =
        manager.primaryClip?.takeIf { it.itemCount > 0 }?.getItemAt(0)?.coerceToText(context)?.toString()

    override fun copy(text: String, secret: Boolean) {
        val clip = ClipData.newPlainText(null, text)
        if (secret) {
            clip.description.extras = PersistableBundle().apply { putBoolean(ClipDescription.EXTRA_IS_SENSITIVE, true) }
        }
        manager.setPrimaryClip(clip)
    }
}

/** Links to the browser and from other apps. One that comes before anybody looks waits. */
class AndroidLinks(private val context: Context) : Links {
    private val came = Channel<String>(Channel.BUFFERED)

    override val incoming: Flow<String> = came.receiveAsFlow()

    override fun open(uri: String) {
        openInBrowser(context, uri)
    }

    /** Another app handed this over. */
    fun take(link: IncomingLink) {
        came.trySend(
            when (link) {
                is IncomingLink.Request -> link.text
                is IncomingLink.Connection -> link.text
            },
        )
    }
}
