<?php
/**
 * @var CrowdSky\Statistics\Period $period
 * @var list<string> $warnings what an admin has to put right at once
 * @var CrowdSky\Operations\QueueState $queue
 * @var list<CrowdSky\Pages\Admin\AttentionItem> $attention
 * @var list<CrowdSky\Pages\Admin\Chart> $charts
 * @var list<int> $starts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
$periods = ['day' => $t('Last 24 hours'), 'week' => $t('Last 7 days'), 'month' => $t('Last 30 days')];
?>
<link rel="stylesheet" href="assets/vendor/uplot-1.6.32.css">
<h1><?= $t('Summary') ?></h1>
<?= $partial('warnings_banner', ['warnings' => $warnings]) ?>
<?= $partial('stall_banner', ['queue' => $queue]) ?>
<ul class="attention wide">
<?php foreach ($attention as $item) : ?>
    <li<?= $item->isUrgent ? ' class="urgent"' : '' ?>><a href="<?= $e($item->address) ?>"><strong><?= $e($item->figure) ?></strong> <span><?= $e($item->words) ?></span></a></li>
<?php endforeach ?>
</ul>
<nav class="tabs" aria-label="<?= $t('Time shown') ?>">
<?php foreach ($periods as $name => $label) : ?>
    <a href="admin_summary.php?of=<?= $e($name) ?>"<?= $period->value === $name ? ' aria-current="true"' : '' ?>><?= $label ?></a>
<?php endforeach ?>
</nav>
<div class="charts">
<?php foreach ($charts as $chart) : ?>
<?= $partial('admin_chart', ['chart' => $chart]) ?>
<?php endforeach ?>
</div>
<p class="hint"><?= $t('Times are UTC. The last part is still under way. What was done before this version of the site is known only in part.') ?></p>
<?= $t->script('bytes') ?>

<script type="module" src="assets/js/admin/charts.js"></script>
