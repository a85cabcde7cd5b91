//! Whether a handler cuts what it reads: by a number, by a paginator, or by whatever the client asks for. A word that
//! stands in a comment, a text or a longer name cuts nothing.

use super::pattern::last_word;
use super::{loops, unbounded};
use crate::language::Language;
use crate::read::Source;
use crate::walk::CallSite;

/// What bounds a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// A number that nobody outside chooses, or a paginator.
    Bounded,
    /// A value whose largest size is not seen: the client's own, as a rule.
    Open,
}

/// Calls that cut by their argument.
const CALLS: &[&str] = &[
    "limit",
    "Limit",
    "take",
    "Take",
    "top",
    "Top",
    "first",
    "per",
    "per_page",
    "maxResults",
    "setMaxResults",
    "MaxResults",
    "SetMaxResults",
    "forPage",
    "fetchmany",
    "setLimit",
    "SetLimit",
    "pageSize",
    "PageSize",
];
/// Arguments and fields that cut.
const KEYS: &[&str] = &[
    "limit",
    "Limit",
    "take",
    "first",
    "per_page",
    "perPage",
    "pageSize",
    "page_size",
    "PageSize",
    "max_results",
    "maxResults",
    "MaxResults",
];
/// Calls that cut into pages.
const PAGES: &[&str] = &[
    "paginate",
    "simplePaginate",
    "cursorPaginate",
    "paginate_queryset",
    "Paginator",
    "Paginate",
    "pagy",
    "page",
    "get_paginated_response",
    "PageRequest",
    "ToPagedList",
    "ToPagedListAsync",
    "findAndPaginate",
    "PaginatedList",
];
/// Beginnings of the names of calls whose fields are read.
const READS: &[&str] = &["find", "select", "query", "search", "list", "fetch", "where", "scan", "execute", "paginate"];
/// What makes a value no larger than another.
const SMALLER: &[&str] = &["min", "Min", "clamp", "Clamp", "coerceAtMost", "coerceIn"];

/// A file with its comments and texts blanked, byte for byte.
pub(super) struct Code {
    text: String,
    language: Language,
}

impl Code {
    pub(super) fn of(source: &Source<'_>) -> Self {
        let family = source.language.family();
        let mut bytes = source.text.as_bytes().to_vec();
        for text in &source.strings {
            blank(&mut bytes, text.start, text.start + text.text.len());
        }
        let hash = matches!(family, Language::Python | Language::Ruby | Language::Php);
        let slashes = !matches!(family, Language::Python | Language::Ruby);
        blank_comments(&mut bytes, hash, slashes);
        let text = String::from_utf8(bytes).unwrap_or_default();
        Self { text, language: family }
    }

    /// The code of a part of the file, which must be a slice of its text.
    fn part(&self, source: &Source<'_>, part: &str) -> &str {
        let at = (part.as_ptr() as usize).wrapping_sub(source.text.as_ptr() as usize);
        self.text.get(at..at.saturating_add(part.len())).unwrap_or_default()
    }

    /// The code of these lines, from 1.
    fn lines(&self, from: u32, to: u32) -> &str {
        let begins = |line: usize| match line {
            0 | 1 => Some(0),
            line => self.text.match_indices('\n').nth(line - 2).map(|(at, _)| at + 1),
        };
        let start = begins(from as usize).unwrap_or(self.text.len());
        let end = begins(to as usize + 1).unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }
}

/// What cuts one read of a handler, or, without a read, anything in it; `None` where nothing does.
pub(super) fn cut(read: Option<&CallSite<'_>>, lines: (u32, u32), code: &Code, source: &Source<'_>) -> Option<Cut> {
    let body = code.lines(lines.0, lines.1);
    let calls = source.calls.iter().filter(|c| (lines.0..=lines.1).contains(&c.line) && !c.annotation);
    let linked = calls.filter(|c| read.is_none_or(|read| belongs(c, read, code, source)));
    let cuts = linked.filter_map(|call| of_call(call, body, code, source));
    let texts = source.strings.iter().filter(|t| read.is_none() && (lines.0..=lines.1).contains(&t.line));
    // One list without a bound is enough.
    cuts.chain(texts.filter_map(|t| of_sql(t.text))).max()
}

/// What one call cuts.
fn of_call(call: &CallSite<'_>, body: &str, code: &Code, source: &Source<'_>) -> Option<Cut> {
    let arguments = code.part(source, call.arguments);
    let inside = arguments.strip_prefix('(').and_then(|a| a.strip_suffix(')')).unwrap_or(arguments).trim();
    let bounded = |value: &str| is_bounded(value, body, code, 0);
    let said = |bounded: bool| Some(if bounded { Cut::Bounded } else { Cut::Open });
    if CALLS.contains(&call.name) {
        // `first()` answers one thing, and `first` of a list may take a condition.
        let value = parts(inside).last().map_or("", |v| v.trim());
        let other = value.is_empty() || (call.name == "first" && !bounded(value));
        return if other { None } else { said(bounded(value)) };
    }
    let slice = slices(code.part(source, call.chain)).map(bounded).reduce(|a, b| a && b);
    if let Some(bounded) = slice.filter(|_| code.language == Language::Python) {
        return said(bounded);
    }
    let field = field(inside, body, code);
    if PAGES.contains(&call.name) || last_word(call.on) == "PageRequest" {
        return said(field.unwrap_or_else(|| pages(call, inside, body, code)));
    }
    let lower = call.name.to_ascii_lowercase();
    let pageable = ["pageable", "pageRequest"].iter().any(|w| has_word(inside, w));
    let reads = READS.iter().any(|r| lower.starts_with(r));
    if reads && pageable { said(true) } else { field.filter(|_| reads).and_then(said) }
}

/// Whether the pages of a paginator without a named size have a largest size.
fn pages(call: &CallSite<'_>, inside: &str, body: &str, code: &Code) -> bool {
    // The size may be asked for by name: `paginate($request->input('per_page'))`.
    let asked = KEYS.iter().any(|key| has_word(call.arguments, key));
    let at = match (call.name, code.language) {
        ("Paginator", _) | ("of", Language::Java) => 1,
        (_, Language::Php) => 0,
        _ => return !asked,
    };
    let size = parts(inside).get(at).map_or("", |v| v.trim());
    !asked && (size.is_empty() || is_bounded(size, body, code, 0))
}

/// Whether a call is of the chain of a read, or of a variable that the read uses or made.
fn belongs(call: &CallSite<'_>, read: &CallSite<'_>, code: &Code, source: &Source<'_>) -> bool {
    let inside = call.start == read.start || (call.start >= read.start && call.end <= read.end);
    let wraps = PAGES.contains(&call.name) && call.start <= read.start && read.end <= call.end;
    if inside || wraps {
        return true;
    }
    // The bound of a query of its own bounds no other.
    let is_query = |c: &CallSite<'_>| loops::query(c, source).is_some() || unbounded::query(c, source).is_some();
    if source.calls.iter().any(|c| c.start == call.start && is_query(c)) {
        return false;
    }
    let (of_read, of_call) = (given_to(read, code), given_to(call, code));
    let chain = code.part(source, call.chain);
    let first = chain.split(|c: char| !is_word(c)).find(|w| !w.is_empty()).unwrap_or_default();
    let goes_on = !of_read.is_empty()
        && (first == of_read || (PAGES.contains(&call.name) && has_word(code.part(source, call.arguments), of_read)));
    goes_on || (!of_call.is_empty() && has_word(code.part(source, read.chain), of_call))
}

/// The variable that an expression is assigned to.
fn given_to<'c>(call: &CallSite<'_>, code: &'c Code) -> &'c str {
    let open = |c: char| c.is_whitespace() || c == '(' || c == '$';
    let before = code.text.get(..call.start).unwrap_or_default().trim_end_matches(open);
    let before = before.strip_suffix("await").unwrap_or(before).trim_end_matches(open);
    let Some(name) = before.strip_suffix('=') else { return "" };
    let name = name.trim_end_matches(':').trim_end();
    name.rsplit(|c: char| !is_word(c)).next().unwrap_or_default()
}

/// Whether the value of a field that cuts is bounded; `None` without such a field. Objects nest.
fn field(text: &str, body: &str, code: &Code) -> Option<bool> {
    let text = text.trim();
    let inner = text.strip_prefix('{').map_or(text, |t| t.strip_suffix('}').unwrap_or(t));
    parts(inner).into_iter().find_map(|part| {
        let part = part.trim();
        if part.starts_with('{') {
            return field(part, body, code);
        }
        let (key, rest) = part.split_at(part.find(|c: char| !is_word(c)).unwrap_or(part.len()));
        let rest = rest.trim_start();
        match rest.strip_prefix([':', '=']) {
            Some(value) if KEYS.contains(&key) && !value.starts_with(['=', '>']) => {
                Some(is_bounded(value, body, code, 0))
            }
            // `{ limit }` is a field and its variable.
            None if KEYS.contains(&key) && rest.is_empty() && inner.len() < text.len() => {
                Some(is_bounded(key, body, code, 0))
            }
            _ => rest.find('{').and_then(|at| field(rest.get(at..)?, body, code)),
        }
    })
}

/// Whether a value has a largest size that the code itself names.
fn is_bounded(value: &str, body: &str, code: &Code, depth: u32) -> bool {
    let value = value.trim_matches(|c: char| c.is_whitespace() || "(){}$&:".contains(c));
    let named = value.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
    let number = value.starts_with(|c: char| c.is_ascii_digit()) && value.chars().all(|c| is_word(c) || c == '.');
    let constant = value.chars().all(|c| is_word(c) || matches!(c, '.' | ':'))
        && named.len() > 1
        && named.chars().any(char::is_uppercase)
        && !named.chars().any(char::is_lowercase);
    let variable = !value.is_empty() && value.chars().all(is_word);
    number
        || constant
        || SMALLER.iter().any(|s| has_word(value, s))
        || (variable && depth < 3 && of_variable(value, body, code, depth + 1))
}

/// Whether everything that a variable is set to has a largest size, or something refuses what is larger.
fn of_variable(name: &str, body: &str, code: &Code, depth: u32) -> bool {
    let (mut set, mut asked) = (Vec::new(), false);
    for at in places(body, name) {
        let rest = body.get(at + name.len()..).unwrap_or_default();
        if is_refused_above(rest) {
            return true;
        }
        let opened = opened(body.get(..at).unwrap_or_default());
        asked |= opened == Opened::Header;
        let Some(value) = assigned(rest) else { continue };
        match opened {
            // A default of what the caller may choose bounds nothing, unless it says how large it may be.
            Opened::Header => {
                let most = |w| places(value, w).any(|p| value[p + 2..].trim_start().starts_with('='));
                set.push(["le", "lt"].into_iter().any(most));
            }
            Opened::Unpacked => set.push(false),
            Opened::Statement => set.push(is_bounded(value, body, code, depth)),
            Opened::Arguments => {}
        }
    }
    if set.is_empty() && !asked {
        set = of_file(name, code).collect();
    }
    !set.is_empty() && set.iter().all(|bounded| *bounded)
}

/// Whether each number that the whole file gives a name is one: `const pageSize = 20`.
fn of_file(name: &str, code: &Code) -> impl Iterator<Item = bool> {
    let top = code.text.lines().filter(|l| l.starts_with(|c: char| !c.is_whitespace()));
    top.filter_map(|line| {
        let at = places(line, name).next()?;
        let value = assigned(line.get(at + name.len()..)?)?.trim();
        Some(value.chars().all(|c| c.is_ascii_digit() || c == '_') && !value.is_empty())
    })
}

/// Whether what follows a variable compares it with a number larger than 1, or with a constant.
fn is_refused_above(rest: &str) -> bool {
    let Some(than) = rest.trim_start().strip_prefix('>') else { return false };
    let than = than.trim_start_matches('=').trim_start();
    let word = than.get(..than.find(|c: char| !is_word(c) && c != '.').unwrap_or(than.len())).unwrap_or_default();
    let number = word.replace('_', "").parse::<u64>();
    let constant = word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
    constant || number.is_ok_and(|n| n > 1)
}

/// What is still open where an assignment stands.
#[derive(PartialEq, Eq)]
enum Opened {
    Statement,
    /// The names that a function asks for.
    Header,
    /// Arguments of a call.
    Arguments,
    /// `const { limit = 20 } = request.query`.
    Unpacked,
}

fn opened(before: &str) -> Opened {
    let mut depth = 0_u32;
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' => {
                let line = before.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
                return if has_word(line, "def") { Opened::Header } else { Opened::Arguments };
            }
            '{' => {
                let left = before.get(..at).unwrap_or_default().trim_end();
                let unpacks = ["const", "let", "var", "("].iter().any(|w| left.ends_with(w));
                return if unpacks { Opened::Unpacked } else { Opened::Statement };
            }
            _ => {}
        }
    }
    Opened::Statement
}

/// What stands behind `name` when it is set there: `= 5`, `:= 5`, `: int = 5`.
fn assigned(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(' ');
    let rest = match rest.strip_prefix(':') {
        Some(typed) if !typed.starts_with('=') => {
            let equals = typed.find('=')?;
            let named = typed.get(..equals)?;
            named.chars().all(|c| is_word(c) || " .|[]<>".contains(c)).then(|| &typed[equals..])?
        }
        Some(set) => set,
        None => rest,
    };
    let value = rest.strip_prefix('=')?;
    (!value.starts_with(['=', '>', '~'])).then(|| first_value(value))
}

/// A value up to where it ends.
fn first_value(text: &str) -> &str {
    let line = parts(text).first().copied().unwrap_or_default();
    let mut depth = 0_i32;
    let ends = line.find(|c: char| {
        depth += i32::from(matches!(c, '(' | '[' | '{')) - i32::from(matches!(c, ')' | ']' | '}'));
        depth < 0 || (depth == 0 && matches!(c, '\n' | ';'))
    });
    ends.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// What commas part, outside brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c: char| {
        depth += i32::from(matches!(c, '(' | '[' | '{')) - i32::from(matches!(c, ')' | ']' | '}'));
        depth == 0 && c == ','
    })
    .collect()
}

/// Ends of the slices of a chain: `20` of `[:20]`.
fn slices(chain: &str) -> impl Iterator<Item = &str> {
    chain.split('[').skip(1).filter_map(|rest| rest.split(']').next()?.split_once(':').map(|(_, to)| to))
}

/// What a query written in SQL cuts.
fn of_sql(text: &str) -> Option<Cut> {
    let lower = text.to_ascii_lowercase();
    let after =
        |word: &str| places(&lower, word).last().and_then(|at| lower.get(at + word.len()..)).map(str::trim_start);
    if !has_word(&lower, "select") || !has_word(&lower, "from") {
        return None;
    }
    let rows =
        after("limit").or_else(|| after("top")).or_else(|| after("fetch").map(|f| f.trim_start_matches("first ")))?;
    let number = rows.trim_start_matches(['(', ' ']).starts_with(|c: char| c.is_ascii_digit());
    Some(if number { Cut::Bounded } else { Cut::Open })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn has_word(text: &str, word: &str) -> bool {
    places(text, word).next().is_some()
}

/// Where a whole word stands.
fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let ends = |at: usize| text[..at].chars().next_back().is_none_or(|c| !is_word(c));
    let begins = move |at: usize| text[at + word.len()..].chars().next().is_none_or(|c| !is_word(c));
    text.match_indices(word).map(|(at, _)| at).filter(move |at| ends(*at) && begins(*at))
}

fn blank(bytes: &mut [u8], from: usize, to: usize) {
    let end = to.min(bytes.len());
    for byte in bytes.get_mut(from.min(end)..end).unwrap_or_default() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// Blanks comments of a text whose strings are blank.
fn blank_comments(bytes: &mut [u8], hash: bool, slashes: bool) {
    let mut at = 0;
    while at < bytes.len() {
        let two = bytes.get(at..at + 2).unwrap_or_default();
        let line = (hash && bytes[at] == b'#' && two != b"#[") || (slashes && two == b"//");
        let ends = if line {
            bytes[at..].iter().position(|b| *b == b'\n').map(|n| at + n)
        } else if slashes && two == b"/*" {
            bytes[at..].windows(2).position(|w| w == b"*/").map(|n| at + n + 2)
        } else {
            at += 1;
            continue;
        };
        let end = ends.unwrap_or(bytes.len());
        blank(bytes, at, end);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use crate::idiom::What;
    use crate::idiom::cases::lines;

    /// `limited`, `open` or `all` for the one list of a handler; nothing where no list is seen.
    fn said(path: &str, text: &str) -> String {
        let (with, without) = (lines(What::ListLimited, path, text), lines(What::ListUnlimited, path, text));
        match (with.is_empty(), without.as_str()) {
            (false, "") => "limited".to_owned(),
            (true, "") => String::new(),
            (_, places) => if places.ends_with('?') { "open" } else { "all" }.to_owned(),
        }
    }

    #[test]
    fn handlers_of_express() {
        let check = |body: &str, expected: &str| {
            let text = format!("const pageSize = 20;\napp.get('/users', async (req, res) => {{\n{body}\n}});\n");
            assert_eq!(said("a.js", &text), expected, "{body}");
        };
        check("res.json(await User.find({}).limit(20));", "limited");
        check("res.json(await User.find({}).limit(pageSize));", "limited");
        check("res.json(await User.find({}).limit(MAX));", "limited");
        check("res.json(await User.find({}).limit(Math.min(Number(req.query.limit) || 20, 100)));", "limited");
        check("res.json(await User.find().limit(Number(req.query.limit)));", "open");
        check("res.json(await User.find().limit(Number(req.query.limit) || 20));", "open");
        check("const limit = Math.min(+req.query.limit, 50);\nres.json(await User.find().limit(limit));", "limited");
        check("const { limit = 20 } = req.query;\nres.json(await User.find().limit(limit));", "open");
        check("let n = +req.query.n;\nif (n > 100) n = 100;\nres.json(await User.find().limit(n));", "limited");
        check("let n = +req.query.n;\nif (n > 0) f();\nres.json(await User.find().limit(n));", "open");
        check("const homepage = 1;\nres.json(await User.find({}));", "all");
        check("// no limit here yet\nres.json(await User.find({}));", "all");
        check("/* page: 1 */ res.json(await User.find({}), 'limit: 20');", "all");
        check("const t = await Tag.find().limit(5);\nres.json(await User.find({}), t);", "all");
        check("const q = User.find({});\nq.limit(20);\nres.json(await q);", "limited");
        check("res.json(await User.findAll({ where: { a: 1 }, limit: 20 }));", "limited");
        check("res.json(await User.findAll({ limit: req.query.limit }));", "open");
        check("res.json(await User.paginate({}, { page, limit: 20 }));", "limited");
        check("res.json(await db.query('SELECT a FROM t LIMIT 20'));", "limited");
        check("res.json(await db.query('SELECT a FROM t LIMIT $1', [req.query.limit]));", "open");
        check("res.json({ limit: 20 });", "");
    }

    #[test]
    fn handlers_of_python() {
        let check = |header: &str, body: &str, expected: &str| {
            let text = format!("@app.get('/users')\ndef users({header}):\n    {body}\n");
            assert_eq!(said("a.py", &text), expected, "{header}: {body}");
        };
        check("", "return render_template('users_page.html', users=User.query.all())", "all");
        check("", "# no limit here yet\n    return [u.json() for u in User.query.all()]", "all");
        check("", "return User.query.limit(20).all()", "limited");
        check("limit: int = 20", "return session.query(U).limit(limit).all()", "open");
        check("limit: int = Query(20, le=100)", "return session.query(U).limit(limit).all()", "limited");
        check("", "stmt = select(U).limit(20)\n    return session.scalars(stmt).all()", "limited");
        check("", "stmt = select(U)\n    return session.scalars(stmt).all()", "all");
        check("", "return Paginator(U.objects.all(), 20).get_page(request.GET['page'])", "limited");
        check("", "return U.objects.all()[:50]", "limited");
        check("", "return U.objects.all()[:int(request.GET['limit'])]", "open");
    }

    #[test]
    fn handlers_of_the_others() {
        let check = |path: &str, text: &str, expected: &str| assert_eq!(said(path, text), expected, "{text}");
        let java = |read: &str| format!("class A {{\n @GetMapping(\"/users\")\n List<U> f() {{ return {read}; }} }}");
        check("A.java", &java("userRepository.findAll(pageable)"), "limited");
        check("A.java", &java("userRepository.findAll(PageRequest.of(page, 20))"), "limited");
        check("A.java", &java("userRepository.findAll(PageRequest.of(page, size))"), "open");
        let php = |read: &str| format!("<?php\nRoute::get('/users', fn () => {read});\n");
        check("a.php", &php("User::paginate(20)"), "limited");
        check("a.php", &php("User::paginate()"), "limited");
        check("a.php", &php("User::paginate($request->input('per_page'))"), "open");
        let ruby = |read: &str| format!("get '/users' do\n  {read}\nend\n");
        check("a.rb", &ruby("User.page(params[:page])"), "limited");
        check("a.rb", &ruby("User.limit([params[:n].to_i, 100].min)"), "limited");
        check("a.rb", &ruby("User.limit(params[:n])"), "open");
        let sharp = |read: &str| format!("class A {{\n [HttpGet(\"users\")]\n object F(int n) {{ return {read}; }} }}");
        check("A.cs", &sharp("_context.Users.Take(20).ToList()"), "limited");
        check("A.cs", &sharp("_context.Users.Take(n).ToList()"), "open");
    }
}
