<?php
/**
 * @var string $title
 * @var string $section  name of the template inside, for the marked entry of the navigation
 * @var string $content  HTML
 * @var ?CrowdSky\Pages\PreviewCard $card
 * @var list<string> $notes  what the last form of this browser has done
 * @var ?CrowdSky\Accounts\User $user
 * @var ?string $csrfToken
 * @var string $root  leads from here to the folder of the site, such as ../
 * @var string $here  address of this page
 * @var CrowdSky\Http\Language $language
 * @var list<CrowdSky\Http\Language> $languages
 * @var CrowdSky\Http\Theme $theme
 * @var list<CrowdSky\Http\Theme> $themes
 * @var list<string> $styles  style sheets without that of the theme
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
$entries = $user === null ? ['stacks.php' => [$t('Stacks'), ['stacks', 'stack', 'blink']]] : [
    'upload.php' => [$t('Upload'), ['upload', 'upload_result']],
    'status.php' => [$t('My nights'), ['nights', 'status', 'session', 'job', 'job_subs']],
    'stacks.php' => [$t('Stacks'), ['stacks', 'stack', 'blink']],
    'variables.php' => [$t('Variable stars'), ['variables', 'new_sources', 'star']],
];
$operation = $user?->isAdmin() !== true ? [] : [
    'admin_summary.php' => [$t('Summary'), ['admin_summary']],
    'admin.php' => [$t('Queue'), ['admin_queue', 'admin_chunks', 'admin_bulk']],
    'admin_rescan.php' => [$t('Rescans'), ['admin_rescan']],
    'admin_workers.php' => [$t('Workers'), ['admin_workers', 'admin_held']],
    'admin_storage.php' => [$t('Storage'), ['admin_storage']],
    'admin_users.php' => [$t('Users'), ['admin_users']],
    'admin_keys.php' => [$t('Keys'), ['admin_keys']],
];
$menus = array_filter(['main' => [$t('Main'), $entries], 'operation' => [$t('Operation'), $operation]], static fn (array $menu): bool => $menu[1] !== []);
$themeNames = [
    'system' => $t('As your system'),
    'light' => $t('Light'),
    'dark' => $t('Dark'),
    'night' => $t('Night (red)'),
];
$dark = ['system' => '(prefers-color-scheme: dark)', 'dark' => 'all'][$theme->value] ?? null;
$isNight = $theme->value === 'night';
$schemes = ['system' => 'light dark', 'light' => 'light'][$theme->value] ?? 'dark';
?>
<!doctype html>
<html lang="<?= $e($language->value) ?>" data-theme="<?= $e($theme->value) ?>">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="<?= $e($schemes) ?>">
    <meta name="theme-color" content="<?= $isNight ? '#000000' : '#14213d' ?>">
    <title><?= $e($title === 'CrowdSky' ? $title : "$title – CrowdSky") ?></title>
<?php if ($card !== null) : ?>
    <meta name="description" content="<?= $e($card->description) ?>">
    <meta property="og:site_name" content="CrowdSky">
    <meta property="og:type" content="website">
    <meta property="og:title" content="<?= $e($card->title) ?>">
    <meta property="og:description" content="<?= $e($card->description) ?>">
    <meta property="og:url" content="<?= $e($card->address) ?>">
<?php if ($card->picture !== null) : ?>
    <meta property="og:image" content="<?= $e($card->picture) ?>">
    <meta name="twitter:card" content="summary_large_image">
<?php endif ?>
<?php endif ?>
    <link rel="icon" href="<?= $e($root) ?>assets/icon.svg" type="image/svg+xml">
<?php foreach ($styles as $style) : ?>
    <link rel="stylesheet" href="<?= $e($root) ?>assets/css/<?= $e($style) ?>.css">
<?php endforeach ?>
<?php if ($dark !== null) : ?>
    <link rel="stylesheet" href="<?= $e($root) ?>assets/css/dark.css" media="<?= $e($dark) ?>">
<?php elseif ($isNight) : ?>
    <link rel="stylesheet" href="<?= $e($root) ?>assets/css/night.css">
<?php endif ?>
</head>
<body>
<?php if ($isNight) : ?>
<svg class="filters" width="0" height="0" aria-hidden="true">
    <filter id="red" color-interpolation-filters="sRGB"><feColorMatrix values=".3 .59 .11 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 1 0"/></filter>
    <filter id="red-kept" color-interpolation-filters="sRGB"><feColorMatrix values="1 .59 .41 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 1 0"/></filter>
</svg>
<?php endif ?>
<a class="skip" href="#content"><?= $t('Skip to content') ?></a>
<header class="bar">
    <a class="brand" href="<?= $e($root) ?>index.php"><img src="<?= $e($root) ?>assets/icon.svg" alt="" width="24" height="24">CrowdSky</a>
<?php foreach ($menus as $name => [$heading, $links]) : ?>
    <nav class="<?= $e($name) ?>" aria-label="<?= $heading ?>">
<?php foreach ($links as $address => [$label, $sections]) : ?>
        <a href="<?= $e($root . $address) ?>"<?= in_array($section, $sections, true) ? ' aria-current="page"' : '' ?>><?= $label ?></a>
<?php endforeach ?>
    </nav>
<?php endforeach ?>
<?php if ($user !== null) : ?>
    <form class="account" method="post" action="<?= $e($root) ?>logout.php">
        <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
        <a class="who" href="<?= $e($root) ?>account.php"<?= $section === 'account' ? ' aria-current="page"' : '' ?>><?= $e($user->username) ?></a>
        <button class="quiet"><?= $t('Log out') ?></button>
    </form>
<?php elseif ($section !== 'login') : ?>
    <a class="account" href="<?= $e($root) ?>login.php"><?= $t('Log in') ?></a>
<?php endif ?>
</header>
<main id="content">
<?php foreach ($notes as $note) : ?>
<p class="note" role="status"><?= $e($note) ?></p>
<?php endforeach ?>
<?= $content ?>
</main>
<footer>
    <p><?= $t('CrowdSky is free software under the GPL. All times are UTC.') ?></p>
    <form class="preferences" method="post" action="<?= $e($root) ?>preferences.php">
<?php if ($csrfToken !== null) : ?>
        <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
<?php endif ?>
        <input type="hidden" name="back" value="<?= $e($here) ?>">
        <span role="group" aria-label="<?= $t('Colours') ?>">
<?php foreach ($themes as $choice) : ?>
            <button name="theme" value="<?= $e($choice->value) ?>"
                    aria-pressed="<?= $choice === $theme ? 'true' : 'false' ?>"><?= $themeNames[$choice->value] ?></button>
<?php endforeach ?>
        </span>
        <span role="group" aria-label="<?= $t('Language') ?>">
<?php foreach ($languages as $choice) : ?>
            <button name="language" value="<?= $e($choice->value) ?>" lang="<?= $e($choice->value) ?>"
                    aria-pressed="<?= $choice === $language ? 'true' : 'false' ?>"><?= $e($choice->ownName()) ?></button>
<?php endforeach ?>
        </span>
    </form>
</footer>
</body>
</html>
