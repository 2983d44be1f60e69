<?php
/**
 * The series of shorter stacks of this stack's subs, and for its owner the form that orders one.
 *
 * @var CrowdSky\Stacks\Stack $stack
 * @var list<CrowdSky\Series\Series> $series
 * @var ?string $seriesProblem why none can be ordered
 * @var ?string $seriesUntil until when one can be ordered
 * @var bool $isManaged
 * @var ?CrowdSky\Accounts\User $user null without a login
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\JobWords;
use CrowdSky\Series\SeriesOrder;

$shown = array_filter($series, static fn ($one): bool => $isManaged || $one->isThere());
$known = array_map(static fn ($one): int => $one->isThere() || !$one->status->isFinished() ? $one->seconds : 0, $series);
$choices = array_diff(SeriesOrder::CHOICES, $known);
?>
<?php if ($shown !== [] || $isManaged) : ?>
<h2 id="series"><?= $t('Series for fast events') ?></h2>
<?php foreach ($shown as $one) : ?>
<p><?php if ($one->isThere()) : ?>
    <a href="download.php?id=<?= $e($stack->id) ?>&amp;series=<?= $e($one->seconds) ?>"><?= $t('Series of {seconds} s', ['seconds' => $one->seconds]) ?></a>
    <span class="hint"><?= $t->count((int) $one->parts, '{n} part', '{n} parts') ?>, <?= $user === null ? $t('log in first') : $e(Figures::bytes($texts, $one->bytes)) ?></span>
<?php else : ?>
    <a href="job.php?id=<?= $e($one->jobId) ?>"><?= $t('Series of {seconds} s', ['seconds' => $one->seconds]) ?></a>
    <span class="state <?= $e($one->status->value) ?>"><?= $e(JobWords::status($texts, $one->status->value)) ?></span>
<?php if ($one->errorMessage !== null) : ?>
    <span class="hint"><?= $e($texts->repeat($one->errorMessage)) ?></span>
<?php endif ?>
<?php endif ?></p>
<?php endforeach ?>
<?php if ($isManaged && $seriesProblem !== null) : ?>
<p class="hint"><?= $e($texts->repeat($seriesProblem)) ?></p>
<?php elseif ($isManaged && $choices !== []) : ?>
<p><?= $t('Stacks the subs again in short parts and measures every star in each of them. This needs the subs, which are kept until about {date}, and as long as a series of them is being made.', ['date' => $time($seriesUntil)]) ?></p>
<form class="inline" method="post" action="stack.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="action" value="series">
    <input type="hidden" name="stack_id" value="<?= $e($stack->id) ?>">
    <select name="seconds" aria-label="<?= $t('Length of a part') ?>">
<?php foreach ($choices as $seconds) : ?>
        <option value="<?= $e($seconds) ?>"><?= $e($seconds) ?> s</option>
<?php endforeach ?>
    </select>
    <button class="second"><?= $t('Order a series') ?></button>
</form>
<?php endif ?>
<?php endif ?>
