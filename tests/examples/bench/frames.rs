//! Frame times of the real window while a chart is zoomed and moved, against the budget of 60 frames a second.

use anyhow::{Context, Result, ensure};
use loadline_tests::program::Home;
use loadline_tests::window::Window;

/// Milliseconds of a frame at 60 a second.
const BUDGET: f64 = 1000.0 / 60.0;
/// Steps of a drive.
const STEPS: usize = 240;

/// Zooms in, sweeps from end to end and zooms out again, one step a frame, or only lets frames pass; answers with the time of every
/// frame, of the work for it until it can be painted, and how many steps drew something new.
const DRIVE: &str = r#"
    const [still, done] = arguments;
    const plot = document.querySelector('[data-testid="plot"]');
    plot.focus();
    const frames = [], work = [];
    const svg = () => plot.querySelector('.plot__svg').firstChild;
    let n = 0, last = 0, drawn = 0, shown = svg();
    const step = now => {
        if (n > 0) frames.push(now - last);
        last = now;
        if (n === 240) { done([frames, work, drawn]); return; }
        // 56 quarters of the part on show lead from one end to the other after twelve steps of zoom.
        const sweep = Math.floor((n - 12 + 28) / 56) % 2 ? 'ArrowRight' : 'ArrowLeft';
        const [key, shiftKey] = n < 12 ? ['+', false] : n < 228 ? [sweep, true] : ['-', false];
        const begun = performance.now();
        if (!still) plot.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
        // Effects run as tasks of their own before the next frame.
        setTimeout(() => { plot.getBoundingClientRect(); work.push(performance.now() - begun); if (svg() !== shown) { shown = svg(); drawn += 1; } }, 0);
        n += 1;
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
"#;

/// Opens the demo, then a chart of a million values, in the window and prints the frame times.
pub(super) async fn measure() -> Result<()> {
    let home = Home::new()?;
    let window = Window::open(&home, &["demo"], (1440, 900)).await?;
    window.click("nav-performance").await?;
    window.find("plot").await?;
    drive(&window, "eight months of days, nothing done", true).await?;
    drive(&window, "eight months of days, zoomed and moved", false).await?;
    window.client.execute("location.hash = 'dense'; location.reload();", vec![]).await?;
    window.find("dense").await.context("the window was built without the chart of a million values")?;
    window.find("plot").await?;
    drive(&window, "1,000,000 values, nothing done", true).await?;
    drive(&window, "1,000,000 values, zoomed and moved", false).await?;
    window.close().await
}

async fn drive(window: &Window, what: &str, still: bool) -> Result<()> {
    let said = window.client.execute_async(DRIVE, vec![still.into()]).await?;
    let (frames, work, drawn): (Vec<f64>, Vec<f64>, usize) =
        serde_json::from_value(said).context("the frame times cannot be read")?;
    ensure!(frames.len() == STEPS, "{} of {STEPS} frames", frames.len());
    ensure!(still || drawn * 10 >= STEPS * 8, "only {drawn} of {STEPS} steps drew something new");
    let sorted = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times
    };
    let (frames, work) = (sorted(frames), sorted(work));
    let at =
        |times: &[f64], q: f64| times.get((q * times.len() as f64).ceil() as usize - 1).copied().unwrap_or(f64::NAN);
    println!(
        "frames, {what} (no graphics card): p50 {:.1} ms, p95 {:.1} ms, longest {:.1} ms, {:.2}x of {BUDGET:.1} ms at p95; {drawn} steps drew; work for \
         each p50 {:.1} ms, p95 {:.1} ms, longest {:.1} ms",
        at(&frames, 0.5),
        at(&frames, 0.95),
        at(&frames, 1.0),
        at(&frames, 0.95) / BUDGET,
        at(&work, 0.5),
        at(&work, 0.95),
        at(&work, 1.0),
    );
    Ok(())
}
