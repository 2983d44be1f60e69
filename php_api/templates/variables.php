<?php
/**
 * @var list<array{variable: CrowdSky\LightCurves\FoundVariable, name: ?string, curve: ?string, pair: ?CrowdSky\Pages\Stars\ChartPair}> $shown
 * @var int $total
 * @var bool $isSearched whether a search has looked at the stack, if it is of one
 * @var ?int $stackId whose stars alone are listed; null for all
 * @var CrowdSky\Pages\Pager $pager
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\SkyFormat;

?>
<?php if ($stackId !== null) : ?>
<p class="trail"><a href="stack.php?id=<?= $e($stackId) ?>">Stack <?= $e($stackId) ?></a></p>
<?php endif ?>
<h1>Variable stars</h1>
<?= $partial('star_lists', ['here' => $stackId === null ? 'variables.php' : '']) ?>
<?php if ($shown === []) : ?>
<div class="empty">
    <p><?= match (true) {
        $stackId === null => 'The archive has not found a variable star yet.',
        $isSearched => 'No star of this stack is found to vary.',
        default => 'This stack is in no calibration yet, so that nothing can be said about whether its stars vary.',
    } ?></p>
    <p class="hint">A star is listed when it varies beyond its errors over at least two nights of a calibrated field.</p>
</div>
<?php else : ?>
<p><?= $e(Format::count($total, 'star', 'stars')) ?> found by the archive itself<?= $stackId === null ? '' : ' in stack ' . $e($stackId) ?>,
    the clearest first. Each varies beyond its errors over at least two nights.</p>
<ol class="found">
<?php foreach ($shown as ['variable' => $variable, 'name' => $name, 'curve' => $curve, 'pair' => $pair]) : ?>
    <li class="card">
        <header>
            <h2><a href="star.php?id=<?= $e($variable->starId) ?>">Star <?= $e($variable->starId) ?></a><?= $name === null ? '' : ' <span class="hint">known as ' . $e($name) . '</span>' ?></h2>
            <span class="facts"><?= $e(SkyFormat::rightAscension($variable->position->ra)) ?>, <?= $e(SkyFormat::declination($variable->position->dec)) ?></span>
        </header>
        <div class="found-body">
            <div>
<?= $partial('found_variable', ['variable' => $variable]) ?>
<?php if ($curve !== null) : ?>
<?= $curve ?>

                <p class="hint"><?= $variable->period === null ? 'Magnitude over time.' : 'Magnitude over the phase, two cycles.' ?></p>
<?php endif ?>
            </div>
            <div>
<?php if ($pair !== null) : ?>
<?= $partial('chart_pair', ['pair' => $pair]) ?>
<?php else : ?>
                <p class="hint">There are no two stacks that you see with it at its brightest and faintest.</p>
<?php endif ?>
            </div>
        </div>
    </li>
<?php endforeach ?>
</ol>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
