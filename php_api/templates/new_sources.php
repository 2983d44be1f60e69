<?php
/**
 * @var list<array{source: CrowdSky\LightCurves\NewSource, name: ?string, pair: ?CrowdSky\Pages\Stars\ChartPair}> $shown
 * @var bool $isAll whether there are no more of them
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\SkyFormat;

?>
<h1>New sources</h1>
<?= $partial('star_lists', ['here' => 'new_sources.php']) ?>
<?php if ($shown === []) : ?>
<div class="empty">
    <p>No point of light looks new at the moment.</p>
    <p class="hint">One is listed when stacks of two chunks show it, and at least two earlier and deeper stacks of the place do not.</p>
</div>
<?php else : ?>
<p><?= $isAll ? $e(Format::count(count($shown), 'point of light', 'points of light')) . ' that may be new'
    : 'The ' . $e(count($shown)) . ' points of light that may be new and were seen last' ?>: stacks of two chunks show each, and earlier,
    deeper stacks of the place do not. Most turn out to be asteroids, variable stars at their brightest, or faults of a picture.
    Check the Minor Planet Center and catalogues of variable stars before you report one.</p>
<ol class="found">
<?php foreach ($shown as ['source' => $source, 'name' => $name, 'pair' => $pair]) : ?>
    <li class="card">
        <header>
            <h2><a href="star.php?id=<?= $e($source->star->id) ?>">Star <?= $e($source->star->id) ?></a><?= $name === null ? '' : ' <span class="hint">known variable ' . $e($name) . '</span>' ?></h2>
            <span class="facts"><?= $e(SkyFormat::rightAscension($source->star->position->ra)) ?>, <?= $e(SkyFormat::declination($source->star->position->dec)) ?></span>
        </header>
        <p class="facts"><?= $source->mag === null ? '' : $e(SkyFormat::number($source->mag, 1, 'mag')) . ', ' ?>first seen <?= $e(SkyFormat::day($source->firstMjd)) ?>,
            last seen <?= $e(SkyFormat::day($source->lastMjd)) ?>, in <?= $e(Format::count($source->chunks, 'chunk', 'chunks')) ?>;
            not in <?= $e(Format::count($source->stacksWithout, 'earlier stack', 'earlier stacks')) ?></p>
<?php if ($pair !== null) : ?>
<?= $partial('chart_pair', ['pair' => $pair]) ?>
<?php else : ?>
        <p class="hint">There is no picture from before and after that can be shown.</p>
<?php endif ?>
    </li>
<?php endforeach ?>
</ol>
<?php endif ?>
