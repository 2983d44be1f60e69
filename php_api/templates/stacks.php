<?php
/**
 * @var list<CrowdSky\Gallery\GalleryStack> $stacks
 * @var ?string $next  where the next page begins
 * @var bool $isFirst
 * @var CrowdSky\Pages\Gallery\GalleryForm $form
 * @var string $view  gallery, table or map
 * @var list<CrowdSky\Gallery\GalleryScope> $scopes
 * @var list<string> $years
 * @var array<string, string> $months  month => its last day
 * @var array<string, int> $limits
 * @var ?CrowdSky\Accounts\User $user
 * @var ?string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Gallery\GalleryScope;

$scope = $form->wish->scope;
$labels = [
    GalleryScope::Mine->value => $t('Mine'),
    GalleryScope::Public->value => $t('Everybody’s'),
    GalleryScope::All->value => $t('All, private too'),
];
$views = ['gallery' => $t('Pictures'), 'table' => $t('Table'), 'map' => $t('Map')];
?>
<div class="gallery wide" id="gallery" data-view="<?= $e($view) ?>" data-of="<?= $e($scope->value) ?>" data-reader="<?= $e($user?->id) ?>" data-zip-stacks="<?= $e($limits['stacks']) ?>">
<div class="gallery-head">
    <h1><?= $t('Stacks') ?></h1>
<?php if (count($scopes) > 1) : ?>
    <nav class="choice" aria-label="<?= $t('Whose stacks') ?>">
<?php foreach ($scopes as $one) : ?>
        <a href="stacks.php?<?= $e($form->query(['of' => $one->value])) ?>"<?= $one === $scope ? ' aria-current="true"' : '' ?>><?= $labels[$one->value] ?></a>
<?php endforeach ?>
    </nav>
<?php endif ?>
    <nav class="choice views" aria-label="<?= $t('Show as') ?>">
<?php foreach ($views as $name => $label) : ?>
        <a href="stacks.php?<?= $e($form->query(['view' => $name === 'gallery' ? null : $name])) ?>"<?= $name === $view ? ' aria-current="true"' : '' ?>><?= $label ?></a>
<?php endforeach ?>
    </nav>
</div>
<?= $partial('stacks_filters', []) ?>
<?php if ($view === 'map') : ?>
<?= $partial('stacks_map', []) ?>
<?php endif ?>
<div class="timeline" id="timeline" hidden>
    <canvas id="timeline-canvas" role="slider" tabindex="0" aria-valuenow="1" aria-label="<?= $t('Time of the observations') ?>" aria-describedby="timeline-hint"></canvas>
    <p class="hint" id="timeline-hint"><?= $t('Drag to choose a time; a double click shows all. With the keyboard: arrows move it, with Shift they move its end, Escape shows all.') ?></p>
</div>
<nav class="times" aria-label="<?= $t('Years and months') ?>">
<?php foreach ($years as $year) : ?>
    <a href="stacks.php?<?= $e($form->query(['from' => "$year-01-01", 'to' => "$year-12-31"])) ?>"<?= str_starts_with($form->get('from'), $year) ? ' aria-current="true"' : '' ?>><?= $e($year) ?></a>
<?php endforeach ?>
<?php foreach ($months as $month => $end) : ?>
    <a class="month" href="stacks.php?<?= $e($form->query(['from' => "$month-01", 'to' => $end])) ?>"<?= $form->get('from') === "$month-01" && $form->get('to') === $end ? ' aria-current="true"' : '' ?>><?= $e($month) ?></a>
<?php endforeach ?>
</nav>
<p class="found-count" id="found" role="status"></p>
<form id="selection" method="post" action="stacks_download.php">
    <input type="hidden" name="return" value="stacks.php?<?= $e($form->query()) ?>">
<?php if ($csrfToken !== null) : ?>
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
<?php foreach ($form->values as $name => $value) : ?>
    <input type="hidden" name="<?= $e($name) ?>" value="<?= $e($value) ?>">
<?php endforeach ?>
<?php endif ?>
    <div id="results">
<?php if ($stacks === []) : ?>
<?= $partial('stacks_none', []) ?>
<?php elseif ($view === 'table') : ?>
<?= $partial('stacks_table', []) ?>
<?php else : ?>
<?= $partial('stacks_cards', []) ?>
<?php endif ?>
<?php if ($next !== null || !$isFirst) : ?>
    <nav class="pager" aria-label="<?= $t('Pages') ?>">
<?php if (!$isFirst) : ?>
        <a href="stacks.php?<?= $e($form->query()) ?>"><?= $t('Back to the first') ?></a>
<?php endif ?>
<?php if ($next !== null) : ?>
        <a class="button second" id="more" rel="next" href="stacks.php?<?= $e($form->query(['after' => $next])) ?>"><?= $t('More') ?></a>
<?php endif ?>
    </nav>
<?php endif ?>
    </div>
<?= $partial('stacks_selection', []) ?>
</form>
</div>
<?= $t->script(
    '{n} stacks',
    '1 stack',
    '{n} of {all} stacks',
    '{n} selected',
    'None selected',
    'All {n} that match',
    '{n} stacks here',
    '1 stack here',
    '{from} to {to}',
    'The whole time',
    'More than one ZIP file holds; take a list.',
    'The site does not answer. What you see may be out of date.',
) ?>
<script type="module" src="assets/js/gallery/page.js"></script>
