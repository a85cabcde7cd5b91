//! Complexity by hand, and beside it what lizard counts on the same text.

use crate::language::Language;
use crate::read;

/// `name cyclomatic/cognitive/nesting/parameters` of each function.
fn functions(path: &str, text: &str) -> String {
    let source = read(path, text.as_bytes()).expect("a language").expect("readable");
    assert_eq!(source.lost_lines, 0, "{path} parses");
    let one =
        |f: &crate::Function| format!("{} {}/{}/{}/{}", f.name, f.cyclomatic, f.cognitive, f.nesting, f.parameters);
    source.functions.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The same shape of function in each language: two nested loops with a condition of three parts, an `else if`, an
/// `else`, a case of two and a default, and a handler. Cyclomatic: 1 + if 1 + || 1 + && 1 + elif 1 + for 1 + while 1
/// + two cases 2 + catch 1 = 10. Cognitive: for 1, while 2, if 3, || 1, && 1, else if 1, else 1, switch 1, catch 1 = 12.
#[test]
fn one_shape_has_one_complexity_in_every_language() {
    let check = |language: Language, text: &str, expected: &str| {
        let path = format!("shape.{}", language.table().endings[0]);
        assert_eq!(functions(&path, text), expected, "{language:?}");
    };
    let script = "function shape(a, b) {
  try {
    for (const x of a) {
      while (x) {
        if (a || b && x) { f(); } else if (b) { g(); } else { h(); }
      }
    }
  } catch (e) { f(); }
  switch (a) { case 1: f(); break; case 2: g(); break; default: h(); }
}";
    check(Language::JavaScript, script, "shape 10/12/3/2");
    check(Language::TypeScript, script, "shape 10/12/3/2");
    check(Language::Tsx, script, "shape 10/12/3/2");
    check(
        Language::Java,
        &format!(
            "class A {{ {} }}",
            script
                .replace("function shape(a, b)", "void shape(int a, int b)")
                .replace("const x of", "int x :")
                .replace("catch (e)", "catch (E e)")
        ),
        "shape 10/12/3/2",
    );
    check(
        Language::CSharp,
        &format!(
            "class A {{ {} }}",
            script
                .replace("function shape(a, b)", "void shape(int a, int b)")
                .replace("for (const x of a)", "foreach (var x in a)")
                .replace("catch (e)", "catch (E e)")
                .replace("h(); }\n}", "h(); break; }\n}")
        ),
        "shape 10/12/3/2",
    );
    check(
        Language::Php,
        &format!(
            "<?php\n{}",
            script
                .replace("(a, b)", "($a, $b)")
                .replace("for (const x of a)", "foreach ($a as $x)")
                .replace("(x)", "($x)")
                .replace("a || b && x", "$a || $b && $x")
                .replace("(b)", "($b)")
                .replace("(a)", "($a)")
                .replace("(e)", "(E $e)")
        ),
        "shape 10/12/3/2",
    );
    check(
        Language::Python,
        "def shape(self, a, b):
    try:
        for x in a:
            while x:
                if a or b and x:
                    f()
                elif b:
                    g()
                else:
                    h()
    except ValueError:
        f()
    match a:
        case 1:
            f()
        case 2:
            g()
        case _:
            h()
",
        "shape 10/12/3/2",
    );
    check(
        Language::Ruby,
        "def shape(a, b)
  begin
    for x in a
      while x
        if a || b && x
          f
        elsif b
          g
        else
          h
        end
      end
    end
  rescue E
    f
  end
  case a
  when 1 then f
  when 2 then g
  end
end",
        "shape 10/12/3/2",
    );
    // Go and Rust have no exceptions: one path and one point less.
    check(
        Language::Go,
        "package a\nfunc shape(a, b int) {
  for _, x := range a {
    for x {
      if a || b && x { f() } else if b { g() } else { h() }
    }
  }
  switch a { case 1: f(); case 2: g(); default: h() }
}",
        "shape 9/11/3/2",
    );
    check(
        Language::Rust,
        "fn shape(&self, a: u8, b: u8) {
  for x in a {
    while x {
      if a || b && x { f() } else if b { g() } else { h() }
    }
  }
  match a { 1 => f(), 2 => g(), _ => h() }
}",
        "shape 9/11/3/2",
    );
}

#[test]
fn anonymous_functions_belong_to_where_they_are_unless_they_have_a_name() {
    let check = |path: &str, text: &str, expected: &str| assert_eq!(functions(path, text), expected, "{path}");
    check("a.js", "const f = (a) => a ? 1 : 2;", "f 2/1/1/1");
    check("b.js", "app.get('/x', (req, res) => { if (req) res.send(); });", "anonymous 2/1/1/2");
    check("c.js", "function f() { return a.map(x => x ? 1 : 2); }", "f 2/2/2/0");
    check("d.js", "const o = { go: function (a) { return a && b && c; } };", "go 3/1/0/1");
    check("e.go", "package a\nfunc f() { go func() { for { g() } }() }", "f 2/2/2/0");
    check("f.py", "async def f(a, *, b=1, **kw):\n    return [x for x in a if x]\n", "f 3/0/0/3");
    check("g.rb", "def self.f(a, b = 1, &block)\n  a.each { |x| puts x if x }\nend", "f 2/1/1/2");
}

/// What lizard 1.24.3 counts on the same text (`lizard --csv`, run by hand): the same, but for what is explained.
#[test]
fn lizard_counts_the_same_but_for_what_is_explained() {
    let check = |path: &str, text: &str, ours: u32, lizard: u32, why: &str| {
        let source = read(path, text.as_bytes()).expect("a language").expect("readable");
        assert_eq!(source.functions[0].cyclomatic, ours, "{path}");
        assert_eq!(ours == lizard, why.is_empty(), "{path}: {why}");
    };
    check("a.py", "def comp(a):\n    return [x for x in a if x]\n", 3, 3, "");
    check("a.py", "def plain(a, b=1, *c):\n    return a if b else c\n", 2, 2, "");
    check("a.js", "const arrow = (a) => a ? 1 : 2;\n", 2, 2, "");
    check("a.go", "package a\nfunc f(a int) {\n switch a { case 1: g(); case 2: h(); default: i() }\n}\n", 3, 3, "");
    check("a.java", "class A { void f(int a) { switch (a) { case 1: g(); break; default: h(); } } }", 2, 2, "");
    check("a.php", "<?php\nfunction f($a) { foreach ($a as $x) { if ($x) { g(); } } }\n", 3, 3, "");
    check(
        "a.cs",
        "class A { void F(int[] a) { foreach (var x in a) { G(); } } }",
        2,
        1,
        "lizard does not know `foreach` of C#",
    );
    check(
        "a.py",
        "def f():\n    try:\n        g()\n    finally:\n        h()\n",
        1,
        2,
        "lizard counts `finally`, which is no choice",
    );
}
