<?php
/**
 * @var list<CrowdSky\Pages\Gallery\BlinkedStack> $pair  one or two stacks
 * @var list<CrowdSky\Gallery\GalleryStack> $neighbours  stacks of the same field
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Pages\Figures;

$first = $pair[0];
$second = $pair[1] ?? null;
$isAligned = $second !== null && $first->plate !== null && $second->plate !== null && $first->picture !== null && $second->picture !== null;
?>
<p class="trail"><a href="stack.php?id=<?= $e($first->id) ?>"><?= $first->object === null ? $t('Unnamed object') : $e($first->object) ?></a></p>
<h1><?= $t('Blink') ?></h1>
<?php if ($second === null) : ?>
<p><?= $t('Choose a second stack of this field: both are laid upon each other by their stars, and what has moved or changed catches the eye.') ?></p>
<?php elseif (!$isAligned) : ?>
<p class="note"><?= $t('These two cannot be laid upon each other: that takes pictures of both, and both must be solved.') ?></p>
<?php endif ?>
<div class="blink" id="blink"<?= $isAligned ? ' data-aligned' : '' ?>>
<?php if ($isAligned) : ?>
    <div class="blink-tools" role="toolbar" aria-label="<?= $t('Blink') ?>" hidden>
        <button type="button" class="second" data-mode="blink" aria-pressed="true"><?= $t('In turns') ?></button>
        <button type="button" class="second" data-mode="pair" aria-pressed="false"><?= $t('Side by side') ?></button>
        <button type="button" class="second" data-play aria-pressed="false"><?= $t('Pause') ?></button>
        <button type="button" class="second" data-swap><?= $t('Other picture') ?></button>
        <label><?= $t('Speed') ?> <input type="range" data-speed min="1" max="10" value="4"></label>
    </div>
<?php endif ?>
    <div class="blink-panes">
<?php foreach ($pair as $number => $stack) : ?>
        <figure data-number="<?= $e($number) ?>"<?= $stack->plate === null ? '' : ' data-plate="' . $e($stack->plate) . '"' ?>>
            <div class="pane">
<?php if ($stack->picture !== null) : ?>
                <img src="<?= $e($stack->picture) ?>" alt="<?= $t('Stack of {object}', ['object' => $stack->object ?? $t('an unnamed object')]) ?>">
<?php else : ?>
                <span><?= $t('no picture') ?></span>
<?php endif ?>
            </div>
            <figcaption><a href="stack.php?id=<?= $e($stack->id) ?>"><?= $time($stack->start) ?></a>, <?= $e(Figures::seconds($texts, $stack->exposure)) ?></figcaption>
        </figure>
<?php endforeach ?>
    </div>
</div>
<?php if ($neighbours !== []) : ?>
<h2><?= $second === null ? $t('Stacks of this field') : $t('Other stacks of this field') ?></h2>
<ul class="cards gallery-cards">
<?php foreach ($neighbours as $stack) : ?>
    <li class="card">
        <a class="picture" href="blink.php?a=<?= $e($first->id) ?>&amp;b=<?= $e($stack->id) ?>"<?= $stack->id === $second?->id ? ' aria-current="true"' : '' ?>>
<?php if ($stack->hasThumbnail) : ?>
            <img src="thumbnail.php?id=<?= $e($stack->id) ?>" width="288" height="288" alt="<?= $t('Stack of {object}', ['object' => $stack->object ?? $t('an unnamed object')]) ?>" loading="lazy" decoding="async">
<?php else : ?>
            <span><?= $t('no picture') ?></span>
<?php endif ?>
        </a>
        <div class="facts"><h2><?= $time($stack->start) ?></h2>
            <p><?= $e(Figures::seconds($texts, $stack->exposure)) ?></p></div>
    </li>
<?php endforeach ?>
</ul>
<?php elseif ($second === null) : ?>
<p class="hint"><?= $t('There is no other solved stack of this field that you may see.') ?></p>
<?php endif ?>
<?= $t->script('Pause', 'Play') ?>
<script type="module" src="assets/js/blink/page.js"></script>
