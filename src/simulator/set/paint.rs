//! The displays of the small phones: header, body, prompt and softkey bar.

use embedded_graphics::mono_font::iso_8859_1 as mono;

use super::calls::Stage;
use super::canvas::{Canvas, Rgb, Type};
use super::paint_wide;
use super::press::VOLUME_STEPS;
use super::profiles::{Family, Screen};
use super::view::{Body, View};

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

/// Colours and measures of one kind of small display.
struct Look {
    paper: Rgb,
    ink: Rgb,
    bar: Rgb,
    bar_ink: Rgb,
    mark: Rgb,
    mark_ink: Rgb,
    font: Type,
    bold: Type,
    large: Type,
    /// Height of the header and of the softkey bar.
    bar_height: i32,
    row: i32,
    /// Line labels on the right, as on the 7900 series.
    lines_right: bool,
}

/// Where the body of a small display lies.
#[derive(Clone, Copy)]
struct Area {
    top: i32,
    width: i32,
    height: i32,
}

/// Draws a view as the family shows it.
pub(super) fn paint(family: Family, screen: &Screen, view: &View) -> Canvas {
    if screen.width >= 640 {
        return paint_wide::paint(family, screen, view);
    }
    let look = look(family, screen);
    let mut canvas = Canvas::new(screen.width, screen.height, look.paper);
    if let Some(wallpaper) = &view.wallpaper {
        canvas.picture(0, look.bar_height, wallpaper);
    }
    let (width, height) = (size(canvas.width()), size(canvas.height()));
    let area = Area {
        top: look.bar_height,
        width,
        height: height - 2 * look.bar_height,
    };
    match &view.body {
        Body::Idle => idle(&mut canvas, &look, area, view),
        Body::Dialling { digits } => dialling(&mut canvas, &look, area, digits),
        Body::Call { .. } => call(&mut canvas, &look, area, view),
        Body::List { rows, selected, .. } => list(&mut canvas, &look, area, rows, *selected),
        Body::Text { text, .. } => {
            text_page(&mut canvas, &look, area, text);
            if !view.prompt.is_empty() {
                prompt(&mut canvas, &look, area, &view.prompt);
            }
        }
    }
    header(&mut canvas, &look, width, view);
    softkeys(&mut canvas, &look, (width, height), view);
    if !view.notice.is_empty() {
        prompt(&mut canvas, &look, area, view.notice);
    }
    if let Some(volume) = view.volume {
        volume_bar(&mut canvas, &look, area, volume);
    }
    canvas
}

fn look(family: Family, screen: &Screen) -> Look {
    let pixels = |font: Type, bold: Type, large: Type, bar_height, row| Look {
        paper: WHITE,
        ink: BLACK,
        bar: BLACK,
        bar_ink: WHITE,
        mark: BLACK,
        mark_ink: WHITE,
        font,
        bold,
        large,
        bar_height,
        row,
        lines_right: family == Family::F7911 || family == Family::F7940,
    };
    if matches!(family, Family::F7911 | Family::F7940) {
        let (small, bold) = (Type::Pixels(&mono::FONT_6X10), Type::Pixels(&mono::FONT_6X12));
        return if screen.height < 100 {
            pixels(small, small, Type::Pixels(&mono::FONT_7X13_BOLD), 11, 10)
        } else {
            pixels(small, bold, Type::Pixels(&mono::FONT_9X18_BOLD), 13, 12)
        };
    }
    if screen.depth == 1 {
        let (font, bold) = (Type::Pixels(&mono::FONT_8X13), Type::Pixels(&mono::FONT_8X13_BOLD));
        let large = Type::Pixels(&mono::FONT_10X20);
        return if screen.height < 120 {
            pixels(font, bold, large, 17, 17)
        } else {
            pixels(
                Type::Pixels(&mono::FONT_9X15),
                Type::Pixels(&mono::FONT_9X15_BOLD),
                large,
                21,
                20,
            )
        };
    }
    smooth(family, screen)
}

fn smooth(family: Family, screen: &Screen) -> Look {
    let type_of = |size, bold| Type::Smooth { size, bold };
    let blue = screen.colour;
    let classic = Look {
        paper: if blue { [222, 234, 246] } else { [238, 238, 238] },
        ink: if blue { [12, 28, 58] } else { BLACK },
        bar: if blue { [24, 66, 122] } else { [68, 68, 68] },
        bar_ink: WHITE,
        mark: if blue { [60, 120, 190] } else { [85, 85, 85] },
        mark_ink: WHITE,
        font: type_of(16.0, false),
        bold: type_of(16.0, true),
        large: type_of(26.0, true),
        bar_height: 25,
        row: 24,
        lines_right: true,
    };
    match family {
        Family::F8821 => Look {
            paper: [16, 20, 26],
            ink: WHITE,
            bar: [36, 44, 54],
            mark: [0, 112, 184],
            large: type_of(30.0, false),
            font: type_of(18.0, false),
            bold: type_of(18.0, true),
            bar_height: 34,
            row: 34,
            lines_right: false,
            ..classic
        },
        Family::F9800 => Look {
            paper: WHITE,
            bar: [34, 34, 34],
            mark: [51, 51, 51],
            font: type_of(15.0, false),
            bold: type_of(15.0, true),
            large: type_of(22.0, true),
            bar_height: 20,
            row: 20,
            lines_right: false,
            ..classic
        },
        _ => classic,
    }
}

fn header(canvas: &mut Canvas, look: &Look, width: i32, view: &View) {
    canvas.fill(0, 0, width, look.bar_height - 1, look.bar);
    let y = (look.bar_height - 1 - look.font.height()) / 2;
    let mut right = width - 3;
    let mut state = vec![];
    if view.muted {
        state.push("Mute");
    }
    match view.headset {
        Some(true) => state.push("Headset"),
        Some(false) => state.push("Spkr"),
        None => {}
    }
    let (left_text, right_text) = match &view.body {
        Body::Idle => (format!("{} {}", view.time, view.date), view.number.clone()),
        Body::List { title, .. } | Body::Text { title, .. } => (title.clone(), view.time.clone()),
        Body::Dialling { .. } | Body::Call { .. } => {
            (format!("{} {}", view.time, state.join(" ")), view.number.clone())
        }
    };
    canvas.text_right(right, y, look.font, look.bar_ink, &right_text);
    right -= look.font.width(&right_text) + 6;
    canvas.text(3, y, look.font, look.bar_ink, &look.font.fit(&left_text, right - 3));
}

fn idle(canvas: &mut Canvas, look: &Look, area: Area, view: &View) {
    let narrow = area.width < area.height;
    let column = if narrow { area.width } else { area.width / 2 };
    let lines_top = if narrow {
        area.top + area.height / 3
    } else {
        area.top + 2
    };
    let room = usize::try_from((area.top + area.height - look.row - lines_top) / look.row)
        .unwrap_or(0)
        .max(1);
    for (index, line) in view.lines.iter().take(room).enumerate() {
        let y = lines_top + size(index) * look.row;
        let label = look.font.fit(&line.label, column - look.row - 4);
        if look.lines_right {
            handset(canvas, area.width - look.row + 2, y + 2, look.row - 5, look.ink);
            canvas.text_right(
                area.width - look.row - 2,
                y + (look.row - look.font.height()) / 2,
                look.font,
                look.ink,
                &label,
            );
        } else {
            handset(canvas, 4, y + 2, look.row - 5, look.ink);
            canvas.text(
                look.row + 4,
                y + (look.row - look.font.height()) / 2,
                look.font,
                look.ink,
                &label,
            );
        }
    }
    prompt(canvas, look, area, &view.prompt);
    let middle = if narrow {
        (area.width / 2, area.top + 14)
    } else if look.lines_right {
        (area.width / 4, area.top + area.height / 2 - look.row)
    } else {
        (area.width * 3 / 4, area.top + area.height / 2 - look.row)
    };
    canvas.text_middle(middle.0, middle.1, look.large, look.ink, &view.time);
    let owner = look
        .font
        .fit(if area.height < 50 { "" } else { &view.owner }, column - 4);
    canvas.text_middle(
        middle.0,
        middle.1 + look.large.height() + 1,
        look.font,
        look.ink,
        &owner,
    );
}

fn prompt(canvas: &mut Canvas, look: &Look, area: Area, text: &str) {
    let y = area.top + area.height - look.font.height() - 1;
    canvas.fill(0, y - 1, area.width, look.font.height() + 2, look.paper);
    canvas.text(3, y, look.font, look.ink, &look.font.fit(text, area.width - 6));
}

fn dialling(canvas: &mut Canvas, look: &Look, area: Area, digits: &str) {
    canvas.text(4, area.top + 2, look.font, look.ink, "Enter number");
    let y = area.top + look.font.height() + 6;
    let end = 6 + look.large.width(digits);
    canvas.text(6, y, look.large, look.ink, digits);
    canvas.fill(end + 1, y + 1, 2, look.large.height() - 2, look.ink);
}

fn call(canvas: &mut Canvas, look: &Look, area: Area, view: &View) {
    let Body::Call {
        stage,
        heading,
        name,
        number,
        timer,
    } = &view.body
    else {
        return;
    };
    let top = area.top + 1;
    let inverse = *stage == Stage::Ringing;
    let heading_ink = if inverse { look.mark_ink } else { look.ink };
    if inverse {
        canvas.fill(0, top - 1, area.width, look.row, look.mark);
    }
    handset(canvas, 4, top + 1, look.row - 5, heading_ink);
    let pad = (look.row - look.font.height()) / 2 - 1;
    canvas.text(look.row + 4, top + pad, look.bold, heading_ink, heading);
    canvas.text_right(area.width - 4, top + pad, look.font, heading_ink, timer);
    let who = if name.is_empty() { number } else { name };
    let tall = area.height >= 4 * look.row + 8;
    let first = if tall { look.large } else { look.bold };
    let y = top + look.row + if tall { 4 } else { 0 };
    canvas.text(6, y, first, look.ink, &first.fit(who, area.width - 12));
    if !name.is_empty() {
        let verb = if inverse { "From" } else { "With" };
        canvas.text(
            6,
            y + first.height() + 2,
            look.font,
            look.ink,
            &format!("{verb} {number}"),
        );
    }
}

fn list(canvas: &mut Canvas, look: &Look, area: Area, rows: &[(String, String)], selected: usize) {
    if rows.is_empty() {
        canvas.text(6, area.top + 4, look.font, look.ink, "No entries");
        return;
    }
    let fits = usize::try_from(area.height / look.row).unwrap_or(1).max(1);
    let first = first_row(selected, fits, rows.len());
    let scrolls = rows.len() > fits;
    let right = area.width - if scrolls { 8 } else { 0 };
    for (place, (label, value)) in rows.iter().skip(first).take(fits).enumerate() {
        let y = area.top + size(place) * look.row;
        let index = first + place;
        let ink = if index == selected { look.mark_ink } else { look.ink };
        if index == selected {
            canvas.fill(0, y, right, look.row, look.mark);
        }
        let pad = (look.row - look.font.height()) / 2;
        let value = look.font.fit(value, area.width / 2);
        canvas.text_right(right - 4, y + pad, look.font, ink, &value);
        let room = right - 14 - look.font.width(&value);
        let text = look.font.fit(&format!("{} {label}", index + 1), room);
        canvas.text(4, y + pad, look.font, ink, &text);
    }
    if scrolls {
        let (count, shown) = (size(rows.len()), size(fits));
        canvas.frame(area.width - 6, area.top, 5, area.height, look.ink);
        let length = (area.height * shown / count).max(4);
        canvas.fill(
            area.width - 6,
            area.top + area.height * size(first) / count,
            5,
            length,
            look.ink,
        );
    }
}

/// The first row to show, so that the selected one is in sight.
pub(super) fn first_row(selected: usize, fits: usize, count: usize) -> usize {
    (selected + 1).saturating_sub(fits).min(count.saturating_sub(fits))
}

fn text_page(canvas: &mut Canvas, look: &Look, area: Area, text: &str) {
    let fits = usize::try_from(area.height / look.row).unwrap_or(1).max(1);
    for (place, line) in look.font.wrap(text, area.width - 10).iter().take(fits).enumerate() {
        canvas.text(5, area.top + 2 + size(place) * look.row, look.font, look.ink, line);
    }
}

fn softkeys(canvas: &mut Canvas, look: &Look, (width, height): (i32, i32), view: &View) {
    let count = size(view.softkeys.len()).max(1);
    let column = width / count;
    let top = height - look.bar_height + 1;
    for (place, label) in view.softkeys.iter().enumerate().filter(|(_, label)| !label.is_empty()) {
        let x = size(place) * column;
        canvas.fill(x + 1, top, column - 2, look.bar_height - 1, look.bar);
        let label = if look.font.width(label) > column - 4 {
            short(label)
        } else {
            label.as_ref()
        };
        let y = top + (look.bar_height - 1 - look.font.height()) / 2;
        canvas.text_middle(
            x + column / 2,
            y,
            look.font,
            look.bar_ink,
            &look.font.fit(label, column - 2),
        );
    }
}

/// The abbreviations of displays where a label has no room.
fn short(label: &str) -> &str {
    match label {
        "Forward All" => "Fwd All",
        "End Call" => "EndCall",
        "New Call" => "NewCall",
        other => other,
    }
}

fn volume_bar(canvas: &mut Canvas, look: &Look, area: Area, volume: u8) {
    let height = look.row + 2;
    let (x, y, width) = (area.width / 8, area.top + area.height - height - 4, area.width * 3 / 4);
    canvas.fill(x - 2, y - 2, width + 4, height + 4, look.paper);
    canvas.frame(x - 1, y - 1, width + 2, height + 2, look.ink);
    let label = look.font.width("Volume") + 10;
    canvas.text(
        x + 4,
        y + (height - look.font.height()) / 2,
        look.font,
        look.ink,
        "Volume",
    );
    let step = (width - label - 4) / i32::from(VOLUME_STEPS);
    for index in 0..i32::from(VOLUME_STEPS) {
        let at = x + label + index * step;
        if index < i32::from(volume) {
            canvas.fill(at, y + 3, step - 2, height - 6, look.mark);
        } else {
            canvas.frame(at, y + 3, step - 2, height - 6, look.ink);
        }
    }
}

/// A handset lying on its telephone, at most 16 pixels wide, in the middle of the given square.
fn handset(canvas: &mut Canvas, x: i32, y: i32, side: i32, ink: Rgb) {
    let wide = side.min(16);
    let (x, y) = (x + (side - wide) / 2, y + (side - wide) / 2);
    let part = (wide / 4).max(2);
    canvas.fill(x, y, wide, part, ink);
    canvas.fill(x, y + part, part + 1, part, ink);
    canvas.fill(x + wide - part - 1, y + part, part + 1, part, ink);
    canvas.fill(x + part, y + 2 * part, wide - 2 * part, wide - 2 * part, ink);
}

pub(super) fn size(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
