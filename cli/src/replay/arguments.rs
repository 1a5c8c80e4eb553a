//! The options of `replay`, and the settings they come to.

use std::path::PathBuf;
use std::str::FromStr;

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use clfsmgmt::engine::policy::Policy;
use clfsmgmt::units::{Bytes, ContainerCount, StreamId};

use crate::failure::Failure;

/// Replay a recorded workload through managed streams on real files, and prove that nothing was lost.
#[derive(Args, Clone, Debug)]
pub struct ReplayArguments {
    /// Trace: pg_waldump text or CSV, plain or gzip; `-` for standard input; the bundled pgbench trace without it.
    pub trace: Option<PathBuf>,
    /// Virtual logs of the one multiplexed log; transactions are dealt out to them.
    #[arg(long, value_name = "N", default_value = "8")]
    pub streams: String,
    /// MaximumSize policy: the log never has more containers.
    #[arg(long, value_name = "N", default_value = "8")]
    pub max_containers: String,
    /// MinimumSize policy, and what the log begins with.
    #[arg(long, value_name = "N", default_value = "2")]
    pub min_containers: String,
    /// NewContainerSize policy: a multiple of 1 MiB.
    #[arg(long, value_name = "SIZE", default_value = "2MiB")]
    pub container_size: String,
    /// GrowthRate policy: containers, or percent of those that are there.
    #[arg(long, value_name = "N|P%", default_value = "2")]
    pub growth: String,
    /// LogTail policy: free containers, or percent, to ask for when tails have to move.
    #[arg(long, value_name = "N|P%", default_value = "35%")]
    pub tail: String,
    /// AutoGrow policy: grow ahead of need, when fewer than two containers are free.
    #[arg(long)]
    pub auto_grow: bool,
    /// AutoShrink policy: shrink when more than this share is free.
    #[arg(long, value_name = "P%")]
    pub auto_shrink: Option<String>,
    /// NewContainerPrefix policy, such as `%BLF%\part`.
    #[arg(long, value_name = "PATH")]
    pub prefix: Option<String>,
    /// NewContainerSuffix policy: the number of the next container's name.
    #[arg(long, value_name = "N")]
    pub suffix: Option<String>,
    /// NewContainerExtension policy.
    #[arg(long, value_name = "TEXT")]
    pub extension: Option<String>,
    /// What a checkpoint takes, in milliseconds of the trace's time.
    #[arg(long, value_name = "MS", default_value = "100")]
    pub checkpoint_ms: String,
    /// When records are flushed: at each commit, at checkpoints only, or when the log is closed.
    #[arg(long, value_enum, default_value_t = Durability::Commit)]
    pub durability: Durability,
    /// Folder for the log, which is kept there; a fresh temporary folder without it.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,
    /// Keep the temporary folder.
    #[arg(long)]
    pub keep: bool,
    /// Write the result as JSON; `-` for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the log's life as a page with pictures.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}

/// When records are made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// Every commit and abort record before its transaction ends.
    Commit,
    /// When their stream has made a checkpoint.
    Checkpoint,
    /// When the log is closed; restart areas and full containers are flushed all the same.
    None,
}

impl Durability {
    /// The option's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Checkpoint => "checkpoint",
            Self::None => "none",
        }
    }
}

/// The checked settings of one replay.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) streams: u8,
    pub(super) containers_max: ContainerCount,
    pub(super) containers_min: ContainerCount,
    pub(super) container_size: Bytes,
    pub(super) checkpoint_us: u64,
    pub(super) durability: Durability,
    pub(super) shown: Vec<(String, String)>,
}

const CONTAINER_UNIT: u64 = 1 << 20;

impl ReplayArguments {
    /// Checks the options.
    ///
    /// # Errors
    /// The first option that cannot be, with the mend.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let streams = number("--streams", &self.streams, 1, u64::from(StreamId::MAX.0), "streams")?;
        let maximum = number("--max-containers", &self.max_containers, 2, 1024, "containers")?;
        let minimum = number("--min-containers", &self.min_containers, 2, 1024, "containers")?;
        if minimum > maximum {
            let what = format!("{minimum} is above --max-containers {maximum}");
            return Err(Failure::new("--min-containers", what, format!("give {maximum} or less")));
        }
        let checkpoint = number("--checkpoint-ms", &self.checkpoint_ms, 0, 3_600_000, "milliseconds")?;
        Ok(Settings {
            streams: u8::try_from(streams).unwrap_or(StreamId::MAX.0),
            containers_max: count(maximum),
            containers_min: count(minimum),
            container_size: container_size(&self.container_size)?,
            checkpoint_us: checkpoint * 1000,
            durability: self.durability,
            shown: self.shown(),
        })
    }

    /// The policies to install, in this order.
    ///
    /// # Errors
    /// The first option that is no policy, with the mend.
    pub fn policies(&self, settings: &Settings) -> Result<Vec<Policy>, Failure> {
        let mut policies = vec![
            Policy::NewContainerSize(settings.container_size),
            Policy::MaximumSize(settings.containers_max),
            Policy::MinimumSize(settings.containers_min),
        ];
        let (containers, percent) = amount("--growth", &self.growth)?;
        policies.push(Policy::growth_rate(containers, percent).map_err(|_| above_100("--growth", percent))?);
        let (containers, percent) = amount("--tail", &self.tail)?;
        policies.push(Policy::log_tail(percent, containers).map_err(|_| above_100("--tail", percent))?);
        if self.auto_grow {
            policies.push(Policy::AutoGrow(true));
        }
        if let Some(text) = &self.auto_shrink {
            let (number, percent) = amount("--auto-shrink", text)?;
            let percent = if text.ends_with('%') { percent } else { number };
            policies.push(Policy::auto_shrink(percent).map_err(|_| above_100("--auto-shrink", percent))?);
        }
        if let Some(prefix) = &self.prefix {
            policies.push(Policy::NewContainerPrefix(name("--prefix", prefix)?));
        }
        if let Some(suffix) = &self.suffix {
            let next = number("--suffix", suffix, 0, u64::MAX, "the next container")?;
            policies.push(Policy::NewContainerSuffix(next));
        }
        if let Some(extension) = &self.extension {
            policies.push(Policy::NewContainerExtension(name("--extension", extension)?));
        }
        Ok(policies)
    }

    fn shown(&self) -> Vec<(String, String)> {
        let mut shown = Vec::new();
        let mut show = |name: &str, value: &str| shown.push((name.into(), value.into()));
        show("streams", &self.streams);
        show("max containers", &self.max_containers);
        show("min containers", &self.min_containers);
        show("container size", &self.container_size);
        show("growth", &self.growth);
        show("log tail", &self.tail);
        show("auto-grow", if self.auto_grow { "on" } else { "off" });
        show("auto-shrink", self.auto_shrink.as_deref().unwrap_or("off"));
        show("durability", self.durability.word());
        show("checkpoint", &format!("{} ms", self.checkpoint_ms));
        shown
    }
}

fn number(option: &str, text: &str, least: u64, most: u64, unit: &str) -> Result<u64, Failure> {
    let mend = format!("give a number of {unit}, from {least} to {most}");
    let value: u64 = text.parse().map_err(|_| Failure::new(option, format!("\"{text}\" is not a number"), &mend))?;
    if value < least || value > most {
        return Err(Failure::new(option, format!("{value} is out of range"), mend));
    }
    Ok(value)
}

fn count(number: u64) -> ContainerCount {
    ContainerCount(u32::try_from(number).unwrap_or(u32::MAX))
}

fn container_size(text: &str) -> Result<Bytes, Failure> {
    let mend = "give a multiple of 1MiB, at most 4GiB, such as 4MiB";
    let size = ByteSize::from_str(text)
        .map_err(|_| Failure::new("--container-size", format!("\"{text}\" is not a size"), mend))?;
    let bytes = size.as_u64();
    if bytes == 0 || bytes % CONTAINER_UNIT != 0 || bytes > 4096 * CONTAINER_UNIT {
        let what = format!("{bytes} bytes are not a multiple of 1 MiB up to 4 GiB");
        return Err(Failure::new("--container-size", what, mend));
    }
    Ok(Bytes(bytes))
}

/// Containers and percent, one of which is 0.
fn amount(option: &str, text: &str) -> Result<(u32, u32), Failure> {
    let (digits, is_percent) = text.strip_suffix('%').map_or((text, false), |digits| (digits, true));
    let value: u32 = digits.trim().parse().map_err(|_| {
        let what = format!("\"{text}\" is neither a number nor a percentage");
        Failure::new(option, what, "give a number such as 2, or a percentage such as 10%")
    })?;
    Ok(if is_percent { (0, value) } else { (value, 0) })
}

fn above_100(option: &str, percent: u32) -> Failure {
    Failure::new(option, format!("{percent}% is above 100%"), "give a percentage from 0% to 100%")
}

fn name(option: &str, text: &str) -> Result<clfsmgmt::engine::policy::Name, Failure> {
    let units: Vec<u16> = text.encode_utf16().collect();
    clfsmgmt::engine::policy::Name::new(&units)
        .map_err(|status| Failure::new(option, status.meaning(), "give a shorter name"))
}
