//! The large displays: line labels on the left, calls or a menu in the middle, softkeys in columns at the bottom.
//!
//! Measures are those found by programs that click on the picture (section 5.3): rows of 69 pixels from y 68, softkeys
//! from y 428 on, in columns of equal width.

use super::calls::Stage;
use super::canvas::{Canvas, Rgb, Type};
use super::paint::{first_row, size};
use super::press::VOLUME_STEPS;
use super::profiles::{Family, Screen};
use super::view::{Body, LineView, View};

const TOP: i32 = 68;
const ROW: i32 = 69;
const BOTTOM: i32 = 428;
/// Menu rows that fit.
const FITS: usize = 6;
const MENU_ROW: i32 = (BOTTOM - TOP) / 6;

const WHITE: Rgb = [255, 255, 255];
const GREY: Rgb = [170, 182, 194];
const GREEN: Rgb = [92, 192, 76];
const AMBER: Rgb = [240, 168, 32];
const RED: Rgb = [224, 60, 50];

const SMALL: Type = Type::Smooth {
    size: 22.0,
    bold: false,
};
const NORMAL: Type = Type::Smooth {
    size: 26.0,
    bold: false,
};
const STRONG: Type = Type::Smooth { size: 26.0, bold: true };
const LARGE: Type = Type::Smooth {
    size: 40.0,
    bold: false,
};

/// Colours of a generation.
struct Look {
    upper: Rgb,
    lower: Rgb,
    bar: Rgb,
    button: Rgb,
    mark: Rgb,
}

fn look(family: Family) -> Look {
    match family {
        Family::F9900 => Look {
            upper: [30, 52, 84],
            lower: [10, 18, 34],
            bar: [18, 26, 40],
            button: [54, 78, 112],
            mark: [58, 124, 196],
        },
        Family::F9800 => Look {
            upper: [26, 28, 32],
            lower: [26, 28, 32],
            bar: [12, 13, 16],
            button: [58, 62, 70],
            mark: [28, 118, 210],
        },
        _ => Look {
            upper: [38, 48, 60],
            lower: [12, 16, 22],
            bar: [16, 20, 26],
            button: [46, 58, 72],
            mark: [0, 110, 180],
        },
    }
}

pub(super) fn paint(family: Family, screen: &Screen, view: &View) -> Canvas {
    let look = look(family);
    let mut canvas = Canvas::new(screen.width, screen.height, look.lower);
    let width = size(canvas.width());
    canvas.shade(TOP - 8, BOTTOM - TOP + 8, look.upper, look.lower);
    if let Some(wallpaper) = &view.wallpaper {
        canvas.picture(0, 0, wallpaper);
    }
    header(&mut canvas, &look, width, view);
    match &view.body {
        Body::List { rows, selected, .. } => list(&mut canvas, &look, width, rows, *selected),
        Body::Text { text, .. } => text_page(&mut canvas, width, text, &view.prompt),
        body => phone(&mut canvas, &look, width, view, body),
    }
    softkeys(&mut canvas, &look, width, view);
    notice(&mut canvas, &look, width, view);
    canvas
}

fn header(canvas: &mut Canvas, look: &Look, width: i32, view: &View) {
    canvas.fill(0, 0, width, TOP - 8, look.bar);
    let title = match &view.body {
        Body::List { title, .. } | Body::Text { title, .. } => title.clone(),
        _ => format!("{}  {}", view.time, view.date),
    };
    let corner = match &view.body {
        Body::List { .. } | Body::Text { .. } => &view.time,
        _ => &view.number,
    };
    let mut right = width - 16;
    canvas.text_right(right, 16, STRONG, WHITE, corner);
    right -= STRONG.width(corner) + 20;
    let icons = [
        (view.muted, "Mute", RED),
        (view.headset == Some(true), "Headset", GREEN),
        (view.headset == Some(false), "Speaker", GREEN),
    ];
    for (_, label, colour) in icons.into_iter().filter(|icon| icon.0) {
        canvas.text_right(right, 19, SMALL, colour, label);
        right -= SMALL.width(label) + 16;
    }
    canvas.text(16, 16, NORMAL, WHITE, &NORMAL.fit(&title, right - 16));
}

/// The screen of lines and calls.
fn phone(canvas: &mut Canvas, look: &Look, width: i32, view: &View, body: &Body) {
    let half = width / 2;
    for (index, line) in view.lines.iter().take(5).enumerate() {
        line_label(canvas, look, half, TOP + size(index) * ROW, line);
    }
    canvas.fill(half - 1, TOP, 2, 5 * ROW, look.button);
    match body {
        Body::Dialling { digits } => {
            canvas.text(half + 20, TOP + 16, NORMAL, GREY, "Enter number");
            canvas.fill(half + 16, TOP + 56, half - 32, 60, WHITE);
            let shown = LARGE.fit(digits, half - 60);
            canvas.text(half + 28, TOP + 66, LARGE, look.bar, &shown);
            canvas.fill(half + 30 + LARGE.width(&shown), TOP + 66, 2, 40, look.mark);
        }
        Body::Call { .. } => session(canvas, look, (half, width), body),
        _ => {
            let middle = half + half / 2;
            canvas.text_middle(
                middle,
                TOP + 90,
                Type::Smooth {
                    size: 72.0,
                    bold: false,
                },
                WHITE,
                &view.time,
            );
            canvas.text_middle(middle, TOP + 172, NORMAL, GREY, &view.date);
            canvas.text_middle(middle, TOP + 216, NORMAL, WHITE, &NORMAL.fit(&view.owner, half - 24));
            if view.prompt == "Forwarded to voicemail" {
                canvas.text_middle(middle, TOP + 262, SMALL, AMBER, &view.prompt);
            }
        }
    }
}

fn line_label(canvas: &mut Canvas, look: &Look, half: i32, y: i32, line: &LineView) {
    let colour = line.stage.map_or(look.mark, stage_colour);
    canvas.fill(0, y + 2, 8, ROW - 4, colour);
    canvas.fill(8, y + 2, half - 16, ROW - 4, look.button);
    handset(canvas, 22, y + 22, colour_of_icon(line.stage));
    canvas.text(66, y + 20, STRONG, WHITE, &STRONG.fit(&line.label, half - 84));
}

fn colour_of_icon(stage: Option<Stage>) -> Rgb {
    stage.map_or([110, 190, 240], stage_colour)
}

fn stage_colour(stage: Stage) -> Rgb {
    match stage {
        Stage::Ringing | Stage::Held | Stage::RemoteHeld => AMBER,
        Stage::Busy | Stage::Unknown => RED,
        _ => GREEN,
    }
}

fn session(canvas: &mut Canvas, look: &Look, (half, width): (i32, i32), body: &Body) {
    let Body::Call {
        stage,
        heading,
        name,
        number,
        timer,
    } = body
    else {
        return;
    };
    let colour = stage_colour(*stage);
    canvas.fill(half + 10, TOP + 2, width - half - 18, 2 * ROW - 4, look.button);
    canvas.fill(width - 8, TOP + 2, 8, 2 * ROW - 4, colour);
    handset(canvas, half + 24, TOP + 16, colour);
    canvas.text(
        half + 68,
        TOP + 14,
        SMALL,
        colour,
        &SMALL.fit(heading, width - half - 160),
    );
    canvas.text_right(width - 20, TOP + 14, SMALL, WHITE, timer);
    let who = if name.is_empty() { number } else { name };
    canvas.text(half + 24, TOP + 52, STRONG, WHITE, &STRONG.fit(who, half - 48));
    if !name.is_empty() {
        canvas.text(half + 24, TOP + 90, NORMAL, GREY, &NORMAL.fit(number, half - 48));
    }
}

fn list(canvas: &mut Canvas, look: &Look, width: i32, rows: &[(String, String)], selected: usize) {
    if rows.is_empty() {
        canvas.text(28, TOP + 16, NORMAL, GREY, "No entries");
        return;
    }
    let first = first_row(selected, FITS, rows.len());
    let scrolls = rows.len() > FITS;
    let right = width - if scrolls { 24 } else { 8 };
    for (place, (label, value)) in rows.iter().skip(first).take(FITS).enumerate() {
        let y = TOP + size(place) * MENU_ROW;
        let index = first + place;
        if index == selected {
            canvas.fill(8, y + 2, right - 8, MENU_ROW - 4, look.mark);
        } else {
            canvas.fill(16, y + MENU_ROW - 1, right - 24, 1, look.button);
        }
        let value = NORMAL.fit(value, width / 2);
        canvas.text_right(
            right - 16,
            y + 17,
            NORMAL,
            if index == selected { WHITE } else { GREY },
            &value,
        );
        canvas.text_right(
            54,
            y + 17,
            NORMAL,
            if index == selected { WHITE } else { GREY },
            &(index + 1).to_string(),
        );
        let room = right - 100 - NORMAL.width(&value);
        canvas.text(72, y + 17, NORMAL, WHITE, &NORMAL.fit(label, room));
    }
    if scrolls {
        let (count, height) = (size(rows.len()), BOTTOM - TOP);
        canvas.fill(width - 16, TOP, 8, height - 4, look.button);
        canvas.fill(
            width - 16,
            TOP + height * size(first) / count,
            8,
            height * size(FITS) / count - 4,
            GREY,
        );
    }
}

fn text_page(canvas: &mut Canvas, width: i32, text: &str, prompt: &str) {
    let fits = if prompt.is_empty() { 9 } else { 8 };
    for (place, line) in NORMAL.wrap(text, width - 60).iter().take(fits).enumerate() {
        canvas.text(30, TOP + 14 + size(place) * 38, NORMAL, WHITE, line);
    }
    canvas.text(30, BOTTOM - 36, SMALL, GREY, &SMALL.fit(prompt, width - 60));
}

fn softkeys(canvas: &mut Canvas, look: &Look, width: i32, view: &View) {
    let height = size(canvas.height()) - BOTTOM;
    canvas.fill(0, BOTTOM, width, height, look.bar);
    let column = width / size(view.softkeys.len()).max(1);
    for (place, label) in view.softkeys.iter().enumerate().filter(|(_, label)| !label.is_empty()) {
        let x = size(place) * column;
        canvas.fill(x + 4, BOTTOM + 5, column - 8, height - 9, look.button);
        let font = if NORMAL.width(label) > column - 16 {
            SMALL
        } else {
            NORMAL
        };
        canvas.text_middle(
            x + column / 2,
            BOTTOM + (height - font.height()) / 2,
            font,
            WHITE,
            &font.fit(label, column - 12),
        );
    }
}

fn notice(canvas: &mut Canvas, look: &Look, width: i32, view: &View) {
    let (box_width, x) = (440, (width - 440) / 2);
    if let Some(volume) = view.volume {
        canvas.fill(x, 200, box_width, 92, look.bar);
        canvas.frame(x, 200, box_width, 92, GREY);
        canvas.text_middle(width / 2, 208, NORMAL, WHITE, "Volume");
        for step in 0..i32::from(VOLUME_STEPS) {
            let colour = if step < i32::from(volume) {
                look.mark
            } else {
                look.button
            };
            canvas.fill(x + 20 + step * 40, 250, 36, 24, colour);
        }
    } else if !view.notice.is_empty() {
        canvas.fill(x, 366, box_width, 52, look.bar);
        canvas.frame(x, 366, box_width, 52, AMBER);
        canvas.text_middle(width / 2, 379, NORMAL, WHITE, view.notice);
    }
}

/// A handset of 30 by 24 pixels.
fn handset(canvas: &mut Canvas, x: i32, y: i32, colour: Rgb) {
    canvas.fill(x + 4, y, 22, 8, colour);
    canvas.disc(x + 5, y + 7, 5, colour);
    canvas.disc(x + 25, y + 7, 5, colour);
    canvas.fill(x + 6, y + 13, 18, 11, colour);
}
