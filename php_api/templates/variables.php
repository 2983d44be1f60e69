<?php
/**
 * @var list<array{variable: CrowdSky\LightCurves\FoundVariable, name: ?string, curve: ?string, pair: ?CrowdSky\Pages\Stars\ChartPair}> $shown
 * @var int $total
 * @var bool $isSearched whether a search has looked at the stack, if it is of one
 * @var ?int $stackId whose stars alone are listed; null for all
 * @var CrowdSky\Pages\Pager $pager
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\SkyFormat;

?>
<?php if ($stackId !== null) : ?>
<p class="trail"><a href="stack.php?id=<?= $e($stackId) ?>"><?= $t('Stack {id}', ['id' => $stackId]) ?></a></p>
<?php endif ?>
<h1><?= $t('Variable stars') ?></h1>
<?= $partial('star_lists', ['here' => $stackId === null ? 'variables.php' : '']) ?>
<?php if ($shown === []) : ?>
<div class="empty">
    <p><?= match (true) {
        $stackId === null => $t('The archive has not found a variable star yet.'),
        $isSearched => $t('No star of this stack is found to vary.'),
        default => $t('This stack is in no calibration yet, so that nothing can be said about whether its stars vary.'),
    } ?></p>
    <p class="hint"><?= $t('A star is listed when it varies beyond its errors over at least two nights of a calibrated field.') ?></p>
</div>
<?php else : ?>
<p><?= $stackId === null
    ? $t->count($total, '{n} star found by the archive itself.', '{n} stars found by the archive itself, the clearest first.')
    : $t->count($total, '{n} star found by the archive itself in stack {id}.', '{n} stars found by the archive itself in stack {id}, the clearest first.', ['id' => $stackId]) ?>
    <?= $t('Each varies beyond its errors over at least two nights.') ?></p>
<ol class="found">
<?php foreach ($shown as ['variable' => $variable, 'name' => $name, 'curve' => $curve, 'pair' => $pair]) : ?>
    <li class="card">
        <header>
            <h2><a href="star.php?id=<?= $e($variable->starId) ?>"><?= $t('Star {id}', ['id' => $variable->starId]) ?></a><?= $name === null ? '' : ' <span class="hint">' . $t('known as {name}', ['name' => $name]) . '</span>' ?></h2>
            <span class="facts"><?= $e(SkyFormat::rightAscension($texts, $variable->position->ra)) ?>, <?= $e(SkyFormat::declination($variable->position->dec)) ?></span>
        </header>
        <div class="found-body">
            <div>
<?= $partial('found_variable', ['variable' => $variable]) ?>
<?php if ($curve !== null) : ?>
<?= $curve ?>

                <p class="hint"><?= $variable->period === null ? $t('Magnitude over time.') : $t('Magnitude over the phase, two cycles.') ?></p>
<?php endif ?>
            </div>
            <div>
<?php if ($pair !== null) : ?>
<?= $partial('chart_pair', ['pair' => $pair]) ?>
<?php else : ?>
                <p class="hint"><?= $t('There are no two stacks that you see with it at its brightest and faintest.') ?></p>
<?php endif ?>
            </div>
        </div>
    </li>
<?php endforeach ?>
</ol>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
