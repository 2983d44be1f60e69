<?php
/**
 * @var list<array{source: CrowdSky\LightCurves\NewSource, name: ?string, pair: ?CrowdSky\Pages\Stars\ChartPair}> $shown
 * @var bool $isAll whether there are no more of them
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\SkyFormat;

?>
<h1><?= $t('New sources') ?></h1>
<?= $partial('star_lists', ['here' => 'new_sources.php']) ?>
<?php if ($shown === []) : ?>
<div class="empty">
    <p><?= $t('No point of light looks new at the moment.') ?></p>
    <p class="hint"><?= $t('One is listed when stacks of two chunks show it, and at least two earlier and deeper stacks of the place do not.') ?></p>
</div>
<?php else : ?>
<p><?= $isAll
    ? $t->count(count($shown), '{n} point of light that may be new:', '{n} points of light that may be new:')
    : $t('The {n} points of light that may be new and were seen last:', ['n' => count($shown)]) ?>
    <?= $t('stacks of two chunks show each, and earlier, deeper stacks of the place do not. Most turn out to be asteroids, variable stars at their brightest, or faults of a picture. Check the Minor Planet Center and catalogues of variable stars before you report one.') ?></p>
<ol class="found">
<?php foreach ($shown as ['source' => $source, 'name' => $name, 'pair' => $pair]) : ?>
    <li class="card">
        <header>
            <h2><a href="star.php?id=<?= $e($source->star->id) ?>"><?= $t('Star {id}', ['id' => $source->star->id]) ?></a><?= $name === null ? '' : ' <span class="hint">' . $t('known variable {name}', ['name' => $name]) . '</span>' ?></h2>
            <span class="facts"><?= $e(SkyFormat::rightAscension($texts, $source->star->position->ra)) ?>, <?= $e(SkyFormat::declination($source->star->position->dec)) ?></span>
        </header>
        <p class="facts"><?= $source->mag === null ? '' : $e(SkyFormat::number($texts, $source->mag, 1, 'mag')) . ', ' ?><?= $t('first seen {first}, last seen {last},', ['first' => SkyFormat::day($texts, $source->firstMjd), 'last' => SkyFormat::day($texts, $source->lastMjd)]) ?>
            <?= $t->count($source->chunks, 'in {n} chunk;', 'in {n} chunks;') ?>
            <?= $t->count($source->stacksWithout, 'not in {n} earlier stack', 'not in {n} earlier stacks') ?></p>
<?php if ($pair !== null) : ?>
<?= $partial('chart_pair', ['pair' => $pair]) ?>
<?php else : ?>
        <p class="hint"><?= $t('There is no picture from before and after that can be shown.') ?></p>
<?php endif ?>
    </li>
<?php endforeach ?>
</ol>
<?php endif ?>
