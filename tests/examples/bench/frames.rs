//! Frame times of the real window while a chart is zoomed and moved, against the budget of 60 frames a second.

use anyhow::{Context, Result, ensure};
use loadline_tests::program::Home;
use loadline_tests::window::Window;

/// Milliseconds of a frame at 60 a second.
const BUDGET: f64 = 1000.0 / 60.0;

/// Zooms in, moves to both ends and zooms out again, one step a frame; answers with the time of every frame.
const DRIVE: &str = r#"
    const done = arguments[arguments.length - 1];
    const plot = document.querySelector('[data-testid="plot"]');
    plot.focus();
    const times = [];
    let n = 0, last = 0;
    const step = now => {
        if (n > 0) times.push(now - last);
        last = now;
        if (n === 240) { done(times); return; }
        const [key, shiftKey] = n < 12 ? ['+', false] : n < 120 ? ['ArrowLeft', true] : n < 228 ? ['ArrowRight', true] : ['-', false];
        plot.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
        n += 1;
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
"#;

/// Opens the demo in the window and prints the frame times.
pub(super) async fn measure() -> Result<()> {
    let home = Home::new()?;
    let window = Window::open(&home, &["demo"], (1440, 900)).await?;
    window.click("nav-performance").await?;
    window.find("plot").await?;
    let said = window.client.execute_async(DRIVE, vec![]).await?;
    let mut times: Vec<f64> = serde_json::from_value(said).context("the frame times cannot be read")?;
    window.close().await?;
    ensure!(times.len() == 240, "{} of 240 frames", times.len());
    times.sort_by(f64::total_cmp);
    let at = |q: f64| times[(q * times.len() as f64).ceil() as usize - 1];
    println!(
        "frames while zooming and moving a chart, 240 steps, drawn without a graphics card: p50 {:.1} ms, p95 {:.1} ms, longest \
         {:.1} ms; budget {BUDGET:.1} ms, ratio at p95 {:.2}x",
        at(0.5),
        at(0.95),
        at(1.0),
        at(0.95) / BUDGET
    );
    Ok(())
}
