//! The lines in which two texts differ.

/// Lines of `old` behind `-`, of `new` behind `+`, and around them a few that both have.
pub(crate) fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let lines = aligned(&old, &new);
    let is_near = |i: usize| {
        let around = lines[i.saturating_sub(CONTEXT)..lines.len().min(i + CONTEXT + 1)].iter();
        around.into_iter().any(|(mark, _)| *mark != ' ')
    };
    let mut text = String::new();
    let (mut shown, mut gap) = (0, false);
    for (i, (mark, line)) in lines.iter().enumerate() {
        if !is_near(i) {
            gap = shown > 0;
            continue;
        }
        if shown == MOST {
            text.push_str("  ... and more\n");
            break;
        }
        if std::mem::take(&mut gap) {
            text.push_str("  ...\n");
        }
        text.push_str(&format!("{mark} {line}\n"));
        shown += 1;
    }
    text
}

/// All lines in order, each with `-`, `+`, or a space for one that both have.
fn aligned<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_part, tail) = old_rest.split_at(old_rest.len() - after);
    let new_part = &new_rest[..new_rest.len() - after];
    let mut lines: Vec<_> = old[..before].iter().map(|line| (' ', *line)).collect();
    lines.extend(changed(old_part, new_part));
    lines.extend(tail.iter().map(|line| (' ', *line)));
    lines
}

/// By the longest common subsequence, unless the texts are so long that it would take a long time.
fn changed<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    if old.len().saturating_mul(new.len()) > LARGE {
        let removed = old.iter().map(|line| ('-', *line));
        return removed.chain(new.iter().map(|line| ('+', *line))).collect();
    }
    // How many lines the rests have in common, from each pair of places on.
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]
        {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
}

const CONTEXT: usize = 2;
/// Lines that a terminal shows.
const MOST: usize = 80;
/// Cells of the table.
const LARGE: usize = 4_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_differs_and_what_is_around() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nX\ne\nf\ng\nh\ni\n";
        assert_eq!(diff(old, new), "  b\n  c\n- d\n+ X\n  e\n  f\n  g\n  h\n+ i\n");
        let far = diff("1\na\nb\nc\nd\ne\nf\n2\n", "one\na\nb\nc\nd\ne\nf\ntwo\n");
        assert_eq!(far, "- 1\n+ one\n  a\n  b\n  ...\n  e\n  f\n- 2\n+ two\n");
    }

    #[test]
    fn ends_for_long_texts() {
        let (old, new) = ("a\n".repeat(3000), "b\n".repeat(3000));
        let text = diff(&old, &new);
        assert_eq!(text.lines().count(), MOST + 1);
        assert!(text.ends_with("... and more\n"));
    }
}
