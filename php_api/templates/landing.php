<?php
/**
 * @var ?CrowdSky\Accounts\User $user
 * @var bool $canRegister
 * @var int $chunkMinutes
 * @var CrowdSky\Gallery\PublicFacts $facts
 * @var string $licence  of public stacks; empty if none is stated
 * @var ?CrowdSky\Pages\Html $map  of the sky; null while nothing is public
 * @var list<CrowdSky\Sky\SkyStack> $pictures
 * @var ?CrowdSky\Pages\Html $field  measured stars, drawn
 * @var int $fieldStars  number of stars that were measured in the picture of the field
 * @var ?CrowdSky\Sky\SkyStack $fieldOf
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;

$hours = $facts->exposure / 3600.0;
$places = $facts->places;
$figures = [
    [$facts->stacks === 1 ? $t('public stack') : $t('public stacks'), $t->number($facts->stacks)],
    [$t('hours of starlight'), $t->number($hours, $hours < 10.0 ? 1 : 0)],
    [$t('subs combined'), $t->number($facts->subs)],
    [$places === 1 ? $t('place in the sky') : $t('places in the sky'), $t->number($places)],
    [$facts->owners === 1 ? $t('telescope owner') : $t('telescope owners'), $t->number($facts->owners)],
];
?>
<div class="hero<?= $field === null ? '' : ' with-sky' ?>">
    <section>
        <h1><?= $t('A home for your telescope’s nights') ?></h1>
        <p><?= $t('CrowdSky stacks the raw subs of small smart telescopes, {minutes} minutes at a time, measures every star in them and keeps it all. Owners have their nights in order; whoever has an account can see how bright a star was, night after night.', ['minutes' => $chunkMinutes]) ?></p>
        <p class="actions">
<?php if ($user !== null) : ?>
            <a class="button" href="upload.php"><?= $t('Upload subs') ?></a>
            <a class="button second" href="stacks.php"><?= $t('My stacks') ?></a>
<?php else : ?>
            <a class="button" href="login.php"><?= $t('Log in') ?></a>
<?php if ($canRegister) : ?>
            <a class="button second" href="login.php#register"><?= $t('Create an account') ?></a>
<?php endif ?>
<?php endif ?>
        </p>
    </section>
<?php if ($field !== null && $fieldOf !== null) : ?>
    <figure class="own-sky">
        <?= $field ?>

        <figcaption><?= $t('Measured, not drawn: the brightest of {n} stars in <a href="stack.php?id={id}">{object}</a>.', [
            'n' => $fieldStars, 'id' => $fieldOf->id, 'object' => $fieldOf->objectName,
        ]) ?></figcaption>
    </figure>
<?php endif ?>
</div>
<?php if ($pictures !== []) : ?>
<section aria-labelledby="pictures">
    <h2 id="pictures"><?= $t('Latest pictures') ?></h2>
    <ul class="showcase">
<?php foreach ($pictures as $stack) : ?>
        <li><a href="stack.php?id=<?= $e($stack->id) ?>">
            <img src="thumbnail.php?id=<?= $e($stack->id) ?>" alt="" width="288" height="288" loading="lazy">
            <strong><?= $e($stack->objectName) ?></strong>
            <span><?= $e(substr($stack->dateObsStart ?? '', 0, 10)) ?></span> <span><?= $e(Figures::seconds($texts, $stack->totalExposure)) ?></span></a></li>
<?php endforeach ?>
    </ul>
    <p><a href="stacks.php?of=public"><?= $t('All public stacks') ?></a><?= $licence === '' ? '' : ' · ' . $t('Licence: {licence}', ['licence' => $licence]) ?></p>
</section>
<?php endif ?>
<?php if ($facts->stacks > 0) : ?>
<dl class="figures">
<?php foreach ($figures as [$label, $number]) : ?>
    <div><dt><?= $label ?></dt><dd><?= $number ?></dd></div>
<?php endforeach ?>
</dl>
<?php endif ?>
<?php if ($map !== null) : ?>
<figure class="whole-sky">
    <?= $map ?>

    <figcaption><?= $t('Every dot is a place with public stacks, larger from one hour and from ten hours of light. The band is the Milky Way; right ascension 12 h is in the middle, east on the left.') ?></figcaption>
</figure>
<?php endif ?>
<section class="ways" aria-label="<?= $t('Ways in') ?>">
    <div>
        <h2><?= $t('You have a smart telescope') ?></h2>
        <p><?= $t('Choose the single <code>Light_….fit</code> frames of a night. They are checked, sorted by object and stacked; what is in the picture and how bright its stars are comes with it. You decide which stacks are public.') ?></p>
        <p><a href="<?= $user === null ? 'login.php?next=upload.php' : 'upload.php' ?>"><?= $user === null ? $t('Log in and bring a night') : $t('Bring a night') ?></a></p>
    </div>
    <div>
        <h2><?= $t('You do science') ?></h2>
        <p><?= $t('Every stack is solved and measured on one scale: light curves, star lists and pictures by position, time and object, over the web, by scripts and by the Virtual Observatory.') ?></p>
<?php if ($user !== null) : ?>
        <p><a href="variables.php"><?= $t('Look at variable stars') ?></a></p>
<?php else : ?>
        <p><?= $t('Open to everybody: pictures and facts of public stacks, and the sky that they cover. With an account: their FITS files, star lists and light curves.') ?></p>
        <p><a href="stacks.php?of=public"><?= $t('Look at public stacks') ?></a> · <a href="login.php?next=variables.php"><?= $t('Log in and look at variable stars') ?></a></p>
<?php endif ?>
    </div>
    <div>
        <h2><?= $t('You have a computer to spare') ?></h2>
        <p><?= $t('Workers stack for others while you do something else. They need no open port and may come and go at any time.') ?></p>
        <p><a href="volunteer.php"><?= $t('Lend a hand') ?></a></p>
    </div>
</section>
<h2><?= $t('How it works') ?></h2>
<section class="ways" aria-label="<?= $t('How it works') ?>">
    <div>
        <h3><span>1</span> <?= $t('Upload') ?></h3>
        <p><?= $t('Each sub is checked when it arrives, and a bad file never holds up the others.') ?></p>
    </div>
    <div>
        <h3><span>2</span> <?= $t('Stack and measure') ?></h3>
        <p><?= $t('Subs of the same field, filter and exposure are grouped into chunks of {minutes} minutes. Workers align and combine them, find out where the stack points and measure its stars.', ['minutes' => $chunkMinutes]) ?></p>
    </div>
    <div>
        <h3><span>3</span> <?= $t('Keep') ?></h3>
        <p><?= $t('Look at your stacks, with what is in the field, and download them whenever you like. Raw subs are removed only once their stack is proven to be stored.') ?></p>
    </div>
</section>
