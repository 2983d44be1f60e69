<?php
/**
 * @var int $status
 * @var string $message
 * @var ?string $reference
 * @var Closure $e
 */
$headings = [
    400 => 'That did not work',
    403 => 'Not allowed',
    404 => 'Not found',
    405 => 'That did not work',
    409 => 'Something has changed meanwhile',
    413 => 'Too large',
    503 => 'Please try again shortly',
    507 => 'No room left',
];
?>
<section class="narrow">
    <h1><?= $e($headings[$status] ?? ($status < 500 ? 'That did not work' : 'Something went wrong')) ?></h1>
    <p><?= $e($message) ?></p>
<?php if ($reference !== null) : ?>
    <p>If it happens again, tell the operator of the site this reference: <code><?= $e($reference) ?></code></p>
<?php endif ?>
    <p><a href="index.php">Back to the start</a></p>
</section>
