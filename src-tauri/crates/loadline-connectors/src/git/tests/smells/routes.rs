//! Handlers of routes that query the database themselves, and handlers that ask another layer.

use super::table::Case;

pub(super) const ROUTES: &[(&str, [Case; 9])] = &[(
    "query_in_handler",
    [
        (
            "cs",
            "class A {\n [HttpGet(\"u\")]\n object F() { return _context.Users.First(); } }\n",
            "2",
            "class A {\n [HttpGet(\"u\")]\n object F() { return users.One(); } }\n",
        ),
        (
            "go",
            "package a\nfunc f() { r.GET(\"/u\", list) }\nfunc list() { db.Query(q) }\n",
            "2",
            "package a\nfunc f() { r.GET(\"/u\", list) }\nfunc list() { users.One() }\n",
        ),
        (
            "java",
            "class A {\n @GetMapping(\"/u\")\n U f() { return userRepository.findById(1); } }\n",
            "2",
            "class A {\n @GetMapping(\"/u\")\n U f() { return users.one(1); } }\n",
        ),
        (
            "js",
            "app.get('/u', async (q, s) => {\n s.json(await User.find({}).limit(20));\n});\n",
            "1",
            "app.get('/u', async (q, s) => {\n s.json(users.find((u) => u.id));\n});\n",
        ),
        (
            "php",
            "<?php\nRoute::get('/u', fn () => User::find(1));\n",
            "2",
            "<?php\nRoute::get('/u', fn () => $users->one(1));\n",
        ),
        (
            "py",
            "@app.get('/u')\ndef u():\n    return User.query.all()\n",
            "1",
            "@app.get('/u')\ndef u():\n    return users.one(1)\n",
        ),
        ("rb", "get '/u' do\n  User.find(1)\nend\n", "1", "get '/u' do\n  users.one(1)\nend\n"),
        (
            "rs",
            "#[get(\"/u\")]\nasync fn u() {\n sqlx::query(\"x\"); }\n",
            "1",
            "#[get(\"/u\")]\nasync fn u() {\n users::one(1); }\n",
        ),
        (
            "ts",
            "class A {\n @Get('u')\n u() {\n  return prisma.user.findUnique({ id: 1 }); } }\n",
            "2",
            "class A {\n @Get('u')\n u() {\n  return this.users.one(1); } }\n",
        ),
    ],
)];
