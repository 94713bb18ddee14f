//! What reached a phone from outside, for those who test that it does: texts, pictures, sounds, streams, a user.

use super::cucm::mobility;
use super::device::panel;
use super::device::rtp::RtpReceived;
use super::handle::PhoneHandle;
use super::set::Vibration;
use super::world::lock;

impl PhoneHandle {
    /// What arrived by RTP so far, and whether a stream is open now.
    pub fn rtp_received(&self) -> RtpReceived {
        let state = lock(&self.phone.state);
        let media = state.media.as_ref();
        media.map_or_else(RtpReceived::default, |media| media.received().borrow().clone())
    }

    /// Completes when what arrived by RTP is as asked, and returns it.
    pub async fn wait_for_rtp(&self, wanted: impl FnMut(&RtpReceived) -> bool) -> RtpReceived {
        let mut received = lock(&self.phone.state).media.get_or_insert_default().received();
        match received.wait_for(wanted).await {
            Ok(seen) => seen.clone(),
            Err(_) => self.rtp_received(),
        }
    }

    /// The background image: where it was fetched, bytes of the file, width and height in pixels.
    pub fn background(&self) -> Option<(String, usize, u32, u32)> {
        panel::look(&self.world, &self.phone, |set| {
            let background = set.background()?;
            let (width, height) = background.image.dimensions();
            Some((background.url.clone(), background.bytes, width, height))
        })
    }

    /// The ring tone that was set: where it was fetched, bytes of the file.
    pub fn ring_tone(&self) -> Option<(String, usize)> {
        panel::look(&self.world, &self.phone, |set| {
            set.ring_tone().map(|tone| (tone.url.clone(), tone.bytes))
        })
    }

    /// The pushed text on the display: its title, the text, the labels of its own softkeys.
    pub fn shown_text(&self) -> Option<(String, String, Vec<String>)> {
        panel::look(&self.world, &self.phone, |set| {
            let shown = set.shown_text()?;
            let labels = shown.softkeys.iter().map(|key| key.name.clone());
            Some((shown.title.clone(), shown.text.clone(), labels.collect()))
        })
    }

    /// What `Vibrate:` did, oldest first; the newest 256.
    pub fn vibrations(&self) -> Vec<Vibration> {
        let seen = panel::look(&self.world, &self.phone, |set| Some(set.vibrations().to_vec()));
        seen.unwrap_or_default()
    }

    /// The files that `Play:` played, oldest first; the newest 256.
    pub fn sounds_played(&self) -> Vec<String> {
        let seen = panel::look(&self.world, &self.phone, |set| Some(set.sounds().to_vec()));
        seen.unwrap_or_default()
    }

    /// The user signed in by Extension Mobility.
    pub fn logged_in_user(&self) -> Option<String> {
        let state = lock(&self.phone.state);
        state.login.as_ref().map(|login| login.user.clone())
    }

    /// Signs a user in by Extension Mobility, with the profile `<user>_EM`; the device is enabled for it.
    pub fn log_in(&self, user: &str) {
        mobility::sign_in(&self.world, &self.phone, user, &format!("{user}_EM"));
    }
}
