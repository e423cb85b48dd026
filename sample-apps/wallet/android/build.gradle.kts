// The wallet as an app for Android. It needs Android's SDK, and hasn't been run; see README.md.
plugins {
    id("com.android.application") version "8.13.0"
    kotlin("android") version "2.4.21"
    kotlin("plugin.compose") version "2.4.21"
    id("org.jetbrains.compose") version "1.8.2"
}

android {
    namespace = "org.kist.wallet"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.kist.wallet"
        minSdk = 30
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
        // Whoever ships the wallet names a host of their own, which has to serve .well-known/assetlinks.json.
        manifestPlaceholders["appLinkHost"] = providers.gradleProperty("appLinkHost").getOrElse("wallet.example")
    }

    sourceSets["main"].apply {
        kotlin.srcDirs("src/activity/kotlin", "../app/src/main/kotlin")
        resources.srcDirs("../app/src/main/resources")
        // Typefaces are loaded as assets.
        assets.srcDirs("../app/src/main/resources")
    }
}

kotlin { jvmToolchain(17) }

dependencies {
    implementation("org.kist:kist-android:0.1.0-SNAPSHOT") { exclude("net.java.dev.jna", "jna") }
    implementation("net.java.dev.jna:jna:5.18.1@aar")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    implementation("androidx.activity:activity-compose:1.10.1")
    implementation(compose.foundation)
    implementation(compose.material3)
    implementation(compose.ui)
}
